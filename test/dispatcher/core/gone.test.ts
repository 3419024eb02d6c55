import { describe, expect, it } from "vitest";
import { conclusionOf, GONE_SECONDS, isGoneForGood, withGone, withoutGone } from "../../../dispatcher/core/gone.ts";
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
  it("is gone for good when it is not known some minutes later as well", () => {
    const gone = withGone(record, now);

    expect(gone).toEqual({ ...record, goneAt: now.toISOString() });
    expect(isGoneForGood(record, later(10_000))).toBe(false);
    expect(isGoneForGood(gone, later(GONE_SECONDS - 0.001))).toBe(false);
    expect(isGoneForGood(gone, later(GONE_SECONDS))).toBe(true);
  });

  it("keeps the first moment at which it was not known, until it is known again", () => {
    const gone = withGone(record, now);

    expect(withGone(gone, later(60))).toBe(gone);
    expect(withoutGone(gone)).toEqual(record);
    expect(withoutGone(gone)).not.toHaveProperty("goneAt");
    expect(withoutGone(record)).toBe(record);
  });
});
