import { describe, expect, it } from "vitest";
import { daysLeft } from "../../../dispatcher/core/days-left.ts";
import {
  compareRunners,
  isRefused,
  NO_RELEASES,
  noteReleases,
  RUNNER_VERSION,
  type RunnerReleases,
  SHA256,
} from "../../../dispatcher/core/runner-releases.ts";

const sha = (digit: string) => digit.repeat(64);
const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const answer = (version: string, dates: Record<string, number | null> = {}, sha256 = sha("a")) => ({
  newest: { version, sha256 },
  enforced: true,
  refusedFromMs: dates,
});

describe("what is put into a build", () => {
  it.each(["2.337.0", "2.999.10", "2.100.123"])("may be the version %s", (version) => {
    expect(version).toMatch(RUNNER_VERSION);
  });

  it.each([
    "v2.337.0",
    "12.337.0",
    "2.337.0-rc1",
    "2.337",
    "2.37.0",
    "2.337.1234",
    "2.337.",
    "2.abc.0",
    "2.337.a",
    "2.3370.0",
  ])("is not the version %j", (version) => {
    expect(version).not.toMatch(RUNNER_VERSION);
  });

  it("has a checksum of 64 small hexadecimal digits", () => {
    expect(sha("a")).toMatch(SHA256);
    for (const other of [sha("a").slice(1), `${sha("a")}0`, `x${sha("0")}`, sha("A"), sha("g"), "a"]) {
      expect(other).not.toMatch(SHA256);
    }
  });
});

describe("compareRunners", () => {
  it("orders by number and not by text", () => {
    expect(["2.338.0", "2.335.10", "2.335.2", "2.400.0"].toSorted(compareRunners)).toEqual([
      "2.335.2",
      "2.335.10",
      "2.338.0",
      "2.400.0",
    ]);
  });
});

describe("noteReleases", () => {
  const known = noteReleases(NO_RELEASES, answer("2.337.0", { "2.337.0": null }), day(1));

  it("keeps the moment at which a release was first seen", () => {
    const later = noteReleases(known, answer("2.337.0", { "2.337.0": null }), day(9));
    expect(later).toEqual({ ...known, checkedMs: day(9).getTime() });
  });

  it("adds a newer release after those before it, with what is known of their dates", () => {
    const dates = { "2.338.0": null };
    const later = noteReleases(known, answer("2.338.0", dates), day(9));
    expect(later.releases.map(({ version, seenMs }) => [version, seenMs])).toEqual([
      ["2.337.0", day(1).getTime()],
      ["2.338.0", day(9).getTime()],
    ]);
    expect(later.refusedFromMs).toEqual({ "2.337.0": null, "2.338.0": null });
  });

  it("forgets a release that GitHub offers no longer, and its date", () => {
    const newer = noteReleases(known, answer("2.338.0", { "2.338.0": null }), day(9));
    expect(noteReleases(newer, answer("2.337.0"), day(10))).toEqual({ ...known, checkedMs: day(10).getTime() });
  });

  it("takes a release whose archive was replaced for a new one", () => {
    const replaced = noteReleases(known, answer("2.337.0", {}, sha("b")), day(9));
    expect(replaced.releases).toEqual([{ version: "2.337.0", sha256: sha("b"), seenMs: day(9).getTime() }]);
  });

  it("remembers twenty releases, and the date of one that is asked for although it is none of them", () => {
    let releases: RunnerReleases = NO_RELEASES;
    for (let number = 300; number < 330; number++) {
      releases = noteReleases(releases, answer(`2.${number}.0`, { "2.290.0": 5, [`2.${number}.0`]: null }), day(1));
    }
    expect(releases.releases).toHaveLength(20);
    expect(releases.releases[0]?.version).toBe("2.310.0");
    expect(Object.keys(releases.refusedFromMs)).toHaveLength(21);
    expect(releases.refusedFromMs["2.290.0"]).toBe(5);
  });
});

describe("isRefused", () => {
  const known = noteReleases(NO_RELEASES, answer("2.338.0", { "2.338.0": null, "2.337.0": day(9).getTime() }), day(1));

  it("begins with GitHub's date, and never without one", () => {
    expect(isRefused(known, "2.337.0", new Date(day(9).getTime() - 1))).toBe(false);
    expect(isRefused(known, "2.337.0", day(9))).toBe(true);
    expect(isRefused(known, "2.338.0", day(300))).toBe(false);
    expect(isRefused(known, "2.336.0", day(300))).toBe(false);
  });
});

describe("daysLeft", () => {
  const first = noteReleases(NO_RELEASES, answer("2.337.0", { "2.337.0": null }), day(1));

  it("is not known for the newest runner without a date", () => {
    expect(daysLeft(first, "2.337.0", day(1))).toBeUndefined();
  });

  it("counts 30 days from the first sight of the successor, rounded down", () => {
    const known = noteReleases(first, answer("2.338.0", { "2.337.0": null, "2.338.0": null }), day(5));
    const later = noteReleases(known, answer("2.339.0"), day(20));
    expect(daysLeft(later, "2.337.0", day(5))).toBe(30);
    expect(daysLeft(later, "2.337.0", new Date(day(5).getTime() + 1))).toBe(29);
    expect(daysLeft(later, "2.337.0", day(37))).toBe(-2);
  });

  it("counts from GitHub's date even before anything else of GitHub is known", () => {
    expect(daysLeft({ ...NO_RELEASES, refusedFromMs: { "2.337.0": day(15).getTime() } }, "2.337.0", day(5))).toBe(10);
  });

  it("takes GitHub's date where that is nearer", () => {
    const dated = noteReleases(first, answer("2.338.0", { "2.337.0": day(15).getTime() }), day(5));
    expect(daysLeft(dated, "2.337.0", day(5))).toBe(10);
    expect(daysLeft({ ...dated, releases: [] }, "2.337.0", day(14))).toBe(1);
  });

  it("is not known where GitHub refuses no runner", () => {
    const server = { ...noteReleases(first, answer("2.338.0"), day(5)), enforced: false };
    expect(daysLeft(server, "2.337.0", day(90))).toBeUndefined();
  });
});
