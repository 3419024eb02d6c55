import { describe, expect, it } from "vitest";
import { countResults, isSound, runSteps } from "../../conformance/run-steps.ts";
import { type Control, NotHereError, type Step } from "../../conformance/step.ts";
import type { Tools } from "../../conformance/tools/provide-tools.ts";

const TOOLS: Tools = {
  needOf: (name) => (name === "found" ? "where found" : "required"),
  get: async (name) => (name === "there" ? { folder: "/bin", version: "there 1.0.0" } : { missing: "no network" }),
};
const step = (
  name: string,
  tools: string[],
  run: Step["run"] = async () => ({ shown: ["2 things"], findings: [] }),
) => ({
  name,
  shows: "a sentence",
  tools,
  run,
});
const run = (...steps: Step[]) => runSteps(steps, TOOLS, false, () => {});

describe("the steps of conformance", () => {
  it("pass without a finding and fail with one", async () => {
    const results = await run(
      step("clean", ["there"]),
      step("dirty", ["there"], async () => ({ shown: [], findings: ["a fault"] })),
    );

    expect(results.map(({ status }) => status)).toEqual(["passed", "failed"]);
    expect(isSound(results, false)).toBe(false);
    expect(countResults(results)).toBe("conformance: 2 steps run, 1 of them passed, 0 not available");
  });

  it("have shown nothing when they break", async () => {
    const [result] = await run(
      step("broken", ["there"], async () => {
        throw new Error("it broke");
      }),
    );

    expect(result).toMatchObject({ status: "failed", outcome: { shown: [] } });
    expect(result?.status === "failed" && result.outcome.findings.join()).toContain("it broke");
  });

  it("have not run where they cannot, whatever is installed", async () => {
    const results = await run(
      step("rooted", ["there"], async () => {
        throw new NotHereError("needs root");
      }),
    );

    expect(results).toMatchObject([{ status: "not available", why: "needs root" }]);
    expect([isSound(results, true), isSound(results, false)]).toEqual([false, true]);
  });

  it("fail when a fault of their own making is not noticed, and say what they notice", async () => {
    const control = (found: string[], expected: string[]): Control => ({ fault: "a hole", found, expected });
    const results = await run(
      ...[control(["a: hole"], ["hole"]), control(["a"], ["a", "b"]), control([], ["a"]), control(["a"], [])].map(
        (each) => step("watchful", ["there"], async () => ({ shown: [], findings: [], controls: [each] })),
      ),
    );

    expect(results.map((result) => result.status !== "not available" && result.outcome)).toEqual([
      { shown: ["notices a hole"], findings: [] },
      { shown: [], findings: ["does not notice a hole: finds a"] },
      { shown: [], findings: ["does not notice a hole: finds nothing"] },
      { shown: [], findings: ["does not notice a hole: finds a"] },
    ]);
  });

  it("cannot use a tool that they do not name", async () => {
    const [result] = await run(
      step("greedy", ["there"], async ({ tool }) => ({ shown: [tool("other").version], findings: [] })),
    );

    expect(result?.status).toBe("failed");
  });

  it("say which tool is missing: where CI is set, a required one fails the run", async () => {
    const required = await run(step("gone", ["there", "gone"]));
    const optional = await run(step("found", ["there", "found"]));

    expect(required).toMatchObject([{ status: "not available", why: "gone: no network", need: "required" }]);
    expect([isSound(required, true), isSound(required, false)]).toEqual([false, true]);
    expect([isSound(optional, true), isSound(optional, false)]).toEqual([true, true]);
    expect(countResults([...required, ...optional])).toBe(
      "conformance: 0 steps run, 0 of them passed, 2 not available",
    );
  });
});
