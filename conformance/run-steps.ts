import { type Control, NotHereError, type Outcome, type Result, type Step } from "./step.ts";
import type { Missing, Tool, Tools } from "./tools/provide-tools.ts";

/** One after the other: they are heavy, and what they print stays together. */
export async function runSteps(
  steps: readonly Step[],
  tools: Tools,
  record: boolean,
  tell: (result: Result) => void | Promise<void>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const step of steps) {
    const result = await runStep(step, tools, record);
    await tell(result);
    results.push(result);
  }
  return results;
}

async function runStep(step: Step, tools: Tools, record: boolean): Promise<Result> {
  const need = step.tools.every((name) => tools.needOf(name) === "required") ? "required" : "where found";
  const absent = (why: string): Result => ({
    ...{ name: step.name, need, tools: step.tools },
    ...{ status: "not available", why },
  });
  const had = new Map<string, Tool>();
  for (const name of step.tools) {
    const tool: Tool | Missing = await tools.get(name);
    if ("missing" in tool) return absent(`${name}: ${tool.missing}`);
    had.set(name, tool);
  }
  const started = performance.now();
  const tool = (name: string) => had.get(name) ?? unasked(step, name);
  const outcome = await step.run({ tool, record }).then(judgeControls).catch(broken);
  if ("absent" in outcome) return absent(outcome.absent);
  return {
    name: step.name,
    need,
    tools: [...had.values()].map(({ version }) => version),
    status: outcome.findings.length === 0 ? "passed" : "failed",
    outcome,
    seconds: Math.round((performance.now() - started) / 1000),
  };
}

/** A fault that is noticed is a figure, any other a finding. */
function judgeControls({ shown, findings, controls = [] }: Outcome): Outcome {
  const isNoticed = ({ expected, found }: Control) =>
    expected.length > 0 && expected.every((part) => found.some((each) => each.includes(part)));
  const { noticed = [], missed = [] } = Object.groupBy(controls, (each) => (isNoticed(each) ? "noticed" : "missed"));
  return {
    shown: [...shown, ...(noticed.length === 0 ? [] : [`notices ${noticed.map(({ fault }) => fault).join(", ")}`])],
    findings: [
      ...findings,
      ...missed.map(({ fault, found }) => `does not notice ${fault}: finds ${found.join("; ") || "nothing"}`),
    ],
  };
}

/** A step that breaks has shown nothing. */
function broken(error: unknown): Outcome | { absent: string } {
  if (error instanceof NotHereError) return { absent: error.message };
  return { shown: [], findings: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
}

function unasked(step: Step, name: string): never {
  throw new Error(`the step ${step.name} does not name the tool ${name}`);
}

/** Whether the run may end in 0: where `CI` is set, what is required cannot be left out. */
export function isSound(results: readonly Result[], isCi: boolean): boolean {
  return results.every(
    ({ status, need }) => status === "passed" || (status === "not available" && !(isCi && need === "required")),
  );
}

/** The last line. */
export function countResults(results: readonly Result[]): string {
  const count = (status: Result["status"]) => results.filter((result) => result.status === status).length;
  const run = results.length - count("not available");
  return `conformance: ${run} steps run, ${count("passed")} of them passed, ${count("not available")} not available`;
}
