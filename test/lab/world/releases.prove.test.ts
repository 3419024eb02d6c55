import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../dispatcher/core/refresh-knowledge.ts";
import { type PlayOptions, playReleases } from "../../../lab/world/play-releases.ts";
import { CALENDAR, playedReleases } from "../../../lab/world/releases.ts";

const DAY_MS = 24 * 3_600_000;
const calendar = playedReleases(3);
const play = (options: Partial<PlayOptions> = {}) =>
  playReleases({ seed: 7, calendar, strict: true, jobEveryMinutes: 60, ...options });

/** Ten days without github.com, beginning the day a release comes out in the middle of each round. */
const outages = [5, 18, 31].map((index) => ({ fromMs: (calendar[index]?.publishedMs ?? 0) + DAY_MS / 2, days: 10 }));
/** What every deployment must be spared. */
const SPARED = { refusedTicks: 0, lostJobs: 0 };

/** The figures, for whoever runs it. */
const tell = (what: string, played: unknown) => process.stdout.write(`${what}: ${JSON.stringify(played)}\n`);

describe.each([true, false])(
  "13 releases, three times over, with launches refused while the image is built: %s",
  (strict) => {
    it("never have a day with a refused runner, and every job runs", { timeout: 900_000 }, async () => {
      const played = await play({ strict });
      tell(`calm, ${strict}`, played);
      expect(played).toMatchObject({ ...SPARED, errors: {} });
      expect(played.daysLeftAtWorst).toBeGreaterThanOrEqual(26);
      expect(played.buildsAYear).toBeLessThan(13);
    });

    it("do so with a third of the builds failing and github.com away for ten days", { timeout: 900_000 }, async () => {
      const played = await play({ strict, seed: strict ? 1 : 2, failing: 0.3, outages });
      tell(`rough, ${strict}`, played);
      expect(played).toMatchObject(SPARED);
      expect(played.daysLeftAtWorst).toBeGreaterThanOrEqual(BOUNDS.urgentDays);
    });
  },
);

describe("13 releases, three times over", () => {
  it("are taken in time where GitHub keeps to its 30 days", { timeout: 900_000 }, async () => {
    const letter = playedReleases(3, { graceDays: 30 });
    expect(await play({ calendar: letter, failing: 0.3, outages })).toMatchObject(SPARED);
  });

  it("are taken in time with somebody applying old modules every ten days", { timeout: 900_000 }, async () => {
    const played = await play({ appliesEveryDays: 10 });
    tell("applies", played);
    expect(played).toMatchObject(SPARED);
  });
});

describe("the calendar", () => {
  it("has thirteen releases in order, and says which of their days are known", () => {
    expect(CALENDAR).toHaveLength(13);
    expect(CALENDAR.map(({ published }) => published)).toEqual(CALENDAR.map(({ published }) => published).toSorted());
    expect(CALENDAR.filter(({ date }) => date === "known").map(({ version }) => version)).toEqual([
      "2.333.0",
      "2.335.0",
      "2.338.0",
    ]);
    expect(calendar.every(({ version }) => /^2\.\d{3}\.\d$/.test(version))).toBe(true);
  });

  it("ends a deployment that only watches", { timeout: 900_000 }, async () => {
    const played = await play({ calendar: playedReleases(1), environment: { MODE: "watch" } });
    expect(played.refusedTicks).toBeGreaterThan(0);
    expect(played.lostJobs).toBeGreaterThan(0);
  });
});
