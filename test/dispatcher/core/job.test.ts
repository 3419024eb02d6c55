import { describe, expect, it } from "vitest";
import { type JobRecord, mayHaveUnknownMicrovm, newRecord, released } from "../../../dispatcher/core/job.ts";

const now = new Date("2026-01-01T12:00:00Z");
const lease = { holder: "dead", until: "2026-01-01T11:00:00Z" };
const record: JobRecord = { ...newRecord({ jobId: 11, runId: 22, repository: "acme/shop" }, now), lease };
const registered = { number: 1, state: "registered" as const, runnerName: "gha-11-1", claimedAt: now.toISOString() };

describe("released", () => {
  it("takes away the lease of its holder", () => {
    expect(released(record, "dead")).not.toHaveProperty("lease");
  });

  it("keeps the lease of a worker that died, which says that a MicroVM may exist", () => {
    const kept = released(record, "me");
    expect(mayHaveUnknownMicrovm(kept, registered)).toBe(true);
  });
});

describe("mayHaveUnknownMicrovm", () => {
  it("is true of a registered launch alone, after a call without a known outcome or a worker's death", () => {
    const { lease: _, ...free } = record;
    expect(mayHaveUnknownMicrovm(free, registered)).toBe(false);
    expect(mayHaveUnknownMicrovm(free, { ...registered, ambiguous: true })).toBe(true);
    expect(mayHaveUnknownMicrovm(record, { ...registered, state: "claimed" })).toBe(false);
    expect(mayHaveUnknownMicrovm(record, { ...registered, state: "running" })).toBe(false);
  });
});
