import { describe, expect, it } from "vitest";
import {
  conclusionOf,
  GONE_LOOKS,
  GONE_SECONDS,
  isGoneForGood,
  withGone,
  withoutGone,
} from "../../../dispatcher/core/gone.ts";
import { newRecord } from "../../../dispatcher/core/job.ts";

const now = new Date("2026-01-01T12:00:00Z");
const record = newRecord({ jobId: 11, runId: 22, repository: "acme/shop" }, now);
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

describe("a job's conclusion", () => {
  it("is GitHub's, or unknown where GitHub has none or does not know the job", () => {
    expect(conclusionOf({ status: "completed", conclusion: "failure", runnerName: null })).toBe("failure");
    expect(conclusionOf({ status: "completed", conclusion: null, runnerName: null })).toBe("unknown");
    expect(conclusionOf("gone")).toBe("unknown");
  });
});

describe("a job that GitHub does not know", () => {
  it("is gone for good at the fifth look in a row that does not find it", () => {
    let gone = record;
    for (let look = 0; look < GONE_LOOKS - 1; look++) {
      const at = later(look * GONE_SECONDS);
      expect(isGoneForGood(gone, at)).toBe(false);
      gone = withGone(gone, at);
      expect(gone).toEqual({ ...record, goneAt: at.toISOString(), goneLooks: look + 1 });
    }
    expect(GONE_LOOKS).toBe(5);
    expect(isGoneForGood(gone, later(4 * GONE_SECONDS - 0.001))).toBe(false);
    expect(isGoneForGood(gone, later(4 * GONE_SECONDS))).toBe(true);
    expect(isGoneForGood(record, later(10_000))).toBe(false);
    // Once noted it stays so at the look that comes right after.
    expect(isGoneForGood(withGone(gone, later(4 * GONE_SECONDS)), later(4 * GONE_SECONDS + 1))).toBe(true);
  });

  it("is not counted again by a look that comes right after another", () => {
    const gone = withGone(record, now);

    expect(withGone(gone, later(GONE_SECONDS - 0.001))).toBe(gone);
    expect(withGone(gone, later(GONE_SECONDS))).toMatchObject({ goneLooks: 2 });
  });

  it("was looked for once where its record does not say how often", () => {
    const before = { ...record, goneAt: now.toISOString() };

    expect(withGone(before, later(GONE_SECONDS))).toMatchObject({ goneLooks: 2 });
    expect(isGoneForGood(before, later(GONE_SECONDS))).toBe(false);
  });

  it("is as if it had never been unknown once GitHub knows it again", () => {
    const gone = withGone(withGone(record, now), later(GONE_SECONDS));

    expect(withoutGone(gone)).toEqual(record);
    expect(withoutGone(gone)).not.toHaveProperty("goneAt");
    expect(withoutGone(gone)).not.toHaveProperty("goneLooks");
    expect(withoutGone(record)).toBe(record);
  });
});
