import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { jobRecord, LAUNCH_STATES } from "../../../dispatcher/core/job.ts";
import { sampleJob } from "../../support/sample-job.ts";

const whole: unknown = sampleJob({
  isPublic: true,
  untold: true,
  owedPlace: { jobId: 12, swaps: 1 },
  launches: LAUNCH_STATES.map((state, index) => ({
    ...sampleJob().launches[0],
    number: index + 1,
    state,
    runnerName: "gha-11-1",
    claimedAt: "2026-01-01T12:00:00.000Z",
    runnerLeft: true,
    probesHold: true,
    cause: index % 2 === 0 ? "probe" : "recovery",
  })),
});

type Path = readonly (string | number)[];

/** Every value that is no object and no list, by its path. */
function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}

describe("a record that is read back", () => {
  it("is the record that was written, with fields of a newer release", () => {
    const newer = { ...Object(whole), newer: { field: 1 } };

    expect(v.parse(jobRecord, newer)).toEqual(newer);
  });

  it.each(leavesOf(whole).map((path) => ({ path, at: path.join(".") })))("is refused with another $at", ({ path }) => {
    expect(v.is(jobRecord, replaced(whole, path, { not: "this" }))).toBe(false);
  });

  it.each(["jobId", "runId", "version", "expiresAt"])("is refused with a %s that is no count", (name) => {
    for (const value of [0, -1, 1.5]) expect(v.is(jobRecord, { ...Object(whole), [name]: value })).toBe(false);
  });
});
