import { describe, expect, it } from "vitest";
import { compareRecord, readRecord } from "../../conformance/record.ts";
import type { Result } from "../../conformance/step.ts";
import { STEPS } from "../../conformance/steps/steps.ts";
import { printShown, type ShownStep } from "../../src/docs/print-shown.ts";

const step = { name: "one", shows: "It holds", tools: ["tool"], run: async () => ({ shown: [], findings: [] }) };
const said: ShownStep = {
  ...{ name: "one", shows: "It holds", need: "required", status: "passed" },
  ...{ tools: ["tool 1.0"], figures: ["2 things"] },
};
const result = (status: "passed" | "failed", need: Result["need"] = "required"): Result => ({
  ...{ name: "one", need, tools: ["tool 1.0"], status, seconds: 1 },
  outcome: { shown: ["3 things"], findings: [] },
});

describe("what README says was shown", () => {
  it("has an entry for each step", async () => {
    expect((await readRecord()).map(({ name }) => name)).toEqual(STEPS.map(({ name }) => name));
  });

  it("agrees with a required step whatever the figures", () => {
    expect(compareRecord([said], [step], [result("passed")])).toEqual([]);
  });

  it.each([
    ["ends otherwise", [said], [result("failed")]],
    ["is not in it", [], [result("passed")]],
    ["shows something else", [{ ...said, shows: "It held" }], [result("passed")]],
  ])("disagrees with a required step that %s", (_, record, results) => {
    expect(compareRecord(record, [step], results)).toHaveLength(1);
  });

  it("is not held against a step that could not run, or need not", () => {
    const gone: Result = { name: "one", need: "required", tools: ["tool"], status: "not available", why: "no network" };
    expect(compareRecord([], [step], [gone, result("failed", "where found")])).toEqual([]);
  });

  it("names what was not shown", () => {
    expect(
      printShown([said, { ...said, name: "two", status: "failed" }], [])
        .split("\n")
        .slice(5),
    ).toEqual(["- It holds (tool 1.0).", "", "Not shown: two (failed)."]);
  });
});
