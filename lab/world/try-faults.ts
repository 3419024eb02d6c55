import { NotFoundError, RefusedError, ThrottledError } from "../../dispatcher/errors.ts";
import { type Call, type CallFault, SIMPLE_FAULTS } from "./call-gate.ts";
import { playScenario } from "./play-scenario.ts";
import type { Scenario } from "./scenarios.ts";

/** What a service can answer besides failing: each of these is told apart by the dispatcher. */
function answersOf(callName: string): CallFault[] {
  const throttled = new ThrottledError("throttled");
  switch (callName) {
    case "microvms.run": {
      const reasons = ["rate", "quota", "capacity", "image"] as const;
      const waits = reasons.map((reason) => new ThrottledError("throttled", { reason }));
      return [...waits, new RefusedError("refused"), "unknown-state"];
    }
    case "microvms.get":
      return [throttled, "not-found", "unknown-state"];
    case "github.getJob":
      return [...gitHubAnswers(), "not-found"];
    default:
      return callName.startsWith("github.") ? gitHubAnswers() : [throttled];
  }
}

function gitHubAnswers(): CallFault[] {
  return [
    new ThrottledError("rate limit", { retryAfterSeconds: 60 }),
    new RefusedError("refused", { details: { status: 403 } }),
    new NotFoundError("not found", { details: { status: 404 } }),
  ];
}

/** So many tell enough, and a defect that keeps a world busy for days would keep a test busy for long. */
const ENOUGH = 20;

/** Calls that come after the same calls in the same order, so far back, are the same call at another time. */
const ALIKE_BACK = 6;
/** So many of the first of these are tried, and of the last: a look that repeats all day differs in nothing else. */
const FIRST_ALIKE = 3;
const LAST_ALIKE = 1;

/** The calls whose failures are tried: all, but of those that repeat the first and the last. */
function worthTrying(calls: readonly Call[]): Call[] {
  const alike = new Map<string, Call[]>();
  for (const call of calls) {
    const names = calls.slice(Math.max(0, call.index - ALIKE_BACK), call.index + 1).map(({ name }) => name);
    const key = names.join(" ");
    alike.set(key, [...(alike.get(key) ?? []), call]);
  }
  return [...alike.values()]
    .flatMap((same) => same.filter((_, index) => index < FIRST_ALIKE || index >= same.length - LAST_ALIKE))
    .sort((one, other) => one.index - other.index);
}

/** Plays a scenario once for every call that it makes and every way in which that call can fail. */
export async function tryFaults(scenario: Scenario): Promise<{ points: number; broken: string[] }> {
  const { world: plain } = await playScenario(scenario);
  const needed = plain.microvms.all().length;
  const broken: string[] = [];
  let points = 0;
  for (const { index, name } of worthTrying(plain.gate.calls)) {
    for (const fault of [...SIMPLE_FAULTS, ...answersOf(name)]) {
      points++;
      const { world, violations } = await playScenario(scenario, (call) => (call.index === index ? fault : undefined));
      const launched = world.microvms.all().length;
      if (launched > needed + 1) violations.push(`${launched} MicroVMs launched where ${needed} were needed`);
      for (const violation of violations) broken.push(`call ${index} ${name}: ${nameOf(fault)}: ${violation}`);
      if (broken.length >= ENOUGH) return { points, broken };
    }
  }
  return { points, broken };
}

function nameOf(fault: CallFault): string {
  return typeof fault === "string" ? fault : `${fault.name} (${fault.message})`;
}
