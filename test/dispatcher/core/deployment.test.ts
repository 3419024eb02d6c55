import { describe, expect, it } from "vitest";
import {
  type DeploymentState,
  INITIAL_DEPLOYMENT,
  isProbeDue,
  noteGiven,
  noteServedVersion,
  noteUnreachable,
  noteWaiting,
  PROBE_MS,
} from "../../../dispatcher/core/deployment.ts";

const MINUTE = 60_000;
const T = 1_000 * MINUTE;
const at = (minutes: number) => T + minutes * MINUTE;
const state = (change: Partial<DeploymentState> = {}): DeploymentState => ({
  ...INITIAL_DEPLOYMENT,
  givenMs: T,
  ...change,
});
const longest = { jobId: 11, sinceMs: at(1), waitingMs: at(2), seenMs: at(20) };

describe("a launch that was given a job", () => {
  it("is noted once in a minute, and never backwards", () => {
    const known = state();

    expect(noteGiven(known, at(1), at(2))).toBe(known);
    expect(noteGiven(known, at(-5), at(2))).toBe(known);
    expect(noteGiven(known, at(1) + 1, at(2))).toEqual({ ...known, givenMs: at(1) + 1 });
  });

  it("ends a gap of five minutes in which more than one job waited", () => {
    const waited = state({ longest, othersMs: at(20) });

    expect(noteGiven(waited, at(5), at(21)).gap).toEqual({ fromMs: T, toMs: at(21) });
    expect(noteGiven(waited, at(5) - 1, at(21))).toEqual({ ...waited, givenMs: at(5) - 1 });
  });

  it("ends none where no other job than the longest has said lately that it waits", () => {
    expect(noteGiven(state(), at(30), at(31))).not.toHaveProperty("gap");
    expect(noteGiven(state({ longest }), at(30), at(31))).not.toHaveProperty("gap");
    expect(noteGiven(state({ longest, othersMs: at(20) }), at(30), at(32) - 1)).toHaveProperty("gap");
    expect(noteGiven(state({ longest, othersMs: at(20) }), at(30), at(32))).not.toHaveProperty("gap");
  });

  it("leaves an earlier gap as it was", () => {
    const gap = { fromMs: 1, toMs: 2 };

    expect(noteGiven(state({ gap }), at(10), at(11)).gap).toEqual(gap);
  });
});

describe("a version whose runner was given a job", () => {
  it("is noted once for its image", () => {
    const once = noteServedVersion(state(), "default", "3.0");
    expect(once.served).toEqual({ default: "3.0" });
    expect(noteServedVersion(once, "default", "3.0")).toBe(once);
    expect(noteServedVersion(once, "gha-runner-large", "1.0").served).toEqual({
      default: "3.0",
      "gha-runner-large": "1.0",
    });
    expect(noteServedVersion(once, "default", "4.0").served).toEqual({ default: "4.0" });
  });
});

describe("a job that waits", () => {
  it("is the longest when nobody else is", () => {
    expect(noteWaiting(state(), { jobId: 12, sinceMs: at(3) }, at(21)).longest).toEqual({
      jobId: 12,
      sinceMs: at(3),
      waitingMs: at(21),
      seenMs: at(21),
    });
  });

  it("says so again, which leaves the time at which the waiting began", () => {
    expect(noteWaiting(state({ longest }), { jobId: 11, sinceMs: at(1) }, at(22)).longest).toEqual({
      ...longest,
      seenMs: at(22),
    });
  });

  it("takes the place of one that waits for less long, or has said nothing for twelve minutes", () => {
    const known = state({ longest, othersMs: at(30) });

    expect(noteWaiting(known, { jobId: 12, sinceMs: at(1) }, at(22))).toBe(known);
    expect(noteWaiting(known, { jobId: 12, sinceMs: at(1) - 1 }, at(22)).longest?.jobId).toBe(12);
    expect(noteWaiting(known, { jobId: 12, sinceMs: at(5) }, at(32) - 1)).toBe(known);
    expect(noteWaiting(known, { jobId: 12, sinceMs: at(5) }, at(32)).longest).toMatchObject({
      jobId: 12,
      waitingMs: longest.waitingMs,
    });
  });

  it("is noted as one of the others once in five minutes while another has waited longer", () => {
    const known = state({ longest });
    const other = { jobId: 12, sinceMs: at(5) };
    const noted = noteWaiting(known, other, at(21));

    expect(noted).toEqual({ ...known, othersMs: at(21) });
    expect(noteWaiting(noted, other, at(26) - 1)).toBe(noted);
    expect(noteWaiting(noted, other, at(26))).toEqual({ ...known, othersMs: at(26) });
  });

  it("begins another incident when nobody has waited for half an hour", () => {
    const known = state({ longest });

    expect(noteWaiting(known, { jobId: 12, sinceMs: at(5) }, at(50) - 1).longest?.waitingMs).toBe(longest.waitingMs);
    expect(noteWaiting(known, { jobId: 12, sinceMs: at(5) }, at(50)).longest?.waitingMs).toBe(at(50));
  });
});

describe("a probe", () => {
  it("is due for the job that has waited longest, a quarter of an hour after anything happened", () => {
    const due = longest.waitingMs + PROBE_MS;

    expect(isProbeDue(state({ longest }), 11, due)).toBe(true);
    expect(isProbeDue(state({ longest }), 11, due - 1)).toBe(false);
    expect(isProbeDue(state({ longest }), 12, due)).toBe(false);
    expect(isProbeDue(state(), 11, due)).toBe(false);
    expect(isProbeDue(state({ longest, probedMs: at(3) }), 11, due)).toBe(false);
    expect(isProbeDue(state({ longest, givenMs: at(3) }), 11, due)).toBe(false);
    expect(isProbeDue(state({ longest, givenMs: at(3) }), 11, at(3) + PROBE_MS)).toBe(true);
  });
});

describe("a repository that the App does not reach", () => {
  it("is told of once an hour, and forgotten after it", () => {
    const once = noteUnreachable(state(), "acme/one", at(0));
    expect(once.unreachable).toEqual({ "acme/one": at(0) });

    expect(noteUnreachable(once, "acme/one", at(60) - 1)).toBe(once);
    expect(noteUnreachable(once, "acme/two", at(1)).unreachable).toEqual({ "acme/one": at(0), "acme/two": at(1) });
    expect(noteUnreachable(once, "acme/two", at(60)).unreachable).toEqual({ "acme/two": at(60) });
    expect(noteUnreachable(once, "acme/one", at(60)).unreachable).toEqual({ "acme/one": at(60) });
  });
});
