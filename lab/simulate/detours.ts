import type { CallHook, GatewayCall } from "../aws/gateway/call-hooks.ts";
import { microvmErrors } from "../aws/microvms/errors.ts";
import type { Job } from "../github/jobs.ts";
import type { Lab } from "../lab.ts";
import type { EventKind } from "../world/events.ts";
import { functionLog } from "./timeline.ts";

/** Something that goes wrong on one job's way. */
export interface Detour {
  name: string;
  /** Which of the world's kinds of events it is. */
  kind?: EventKind;
  /** Called just before the job is queued. */
  before?(lab: Lab): void;
  /** Called just after. */
  after?(lab: Lab, job: Job): void;
}

// Meets the first `times` calls of an operation that are about a job.
function meet(
  lab: Lab,
  job: Job,
  operation: string,
  hook: CallHook,
  phase: "before" | "after" = "before",
  times = 1,
): void {
  let left = times;
  const remove = lab.aws.gateway.onCall({ operation, phase }, (call: GatewayCall) => {
    if (left === 0 || !call.body.toString().includes(String(job.id))) return undefined;
    left--;
    if (left === 0) remove();
    return hook(call);
  });
}

/** What can happen to a job here; each ends with the job done and nothing left. */
export const DETOURS: readonly Detour[] = [
  { name: "none" },
  {
    name: "its delivery arrives twice",
    kind: "delivery repeated",
    before: (lab) => lab.github.deliveries.next("duplicate", { event: "workflow_job", action: "queued" }),
  },
  {
    name: "RunMicrovm is throttled twice",
    kind: "launch limit",
    after: (lab, job) =>
      meet(lab, job, "RunMicrovm", () => ({ fail: microvmErrors.throttling(undefined) }), "before", 2),
  },
  {
    name: "no capacity for a MicroVM",
    kind: "quota used up",
    after: (lab, job) => meet(lab, job, "RunMicrovm", () => ({ fail: microvmErrors.insufficientCapacity() })),
  },
  {
    name: "the answer of RunMicrovm is lost",
    kind: "answer lost",
    after: (lab, job) => meet(lab, job, "RunMicrovm", () => "disconnect", "after"),
  },
  {
    name: "the dispatcher dies before RunMicrovm",
    kind: "crash",
    after: (lab, job) => meet(lab, job, "RunMicrovm", (call) => lab.aws.gateway.killCallerOf(call)),
  },
  {
    name: "GitHub answers 502 to the registration",
    kind: "call failed",
    after: (lab) => lab.github.failNext(/generate-jitconfig/, 502, 1),
  },
  {
    name: "GitHub refuses the registration once",
    kind: "repository refused",
    after: (lab) => lab.github.failNext(/generate-jitconfig/, 403, 1),
  },
  {
    name: "RunMicrovm is denied once",
    kind: "launch refused",
    after: (lab, job) =>
      meet(lab, job, "RunMicrovm", () => ({ fail: microvmErrors.accessDenied("no policy allows it") })),
  },
  {
    name: "its MicroVM dies while it boots",
    kind: "boot death",
    after(lab, job) {
      const stop = lab.aws.events.on(({ kind, state, microvmId }) => {
        const machine = lab.aws.microvms.machines().find(({ id }) => id === microvmId);
        if (kind !== "microvm.state" || state !== "RUNNING" || !machine?.request.clientToken?.includes(`-${job.id}-`))
          return;
        stop();
        lab.aws.microvms.die(machine.id);
      });
    },
  },
  {
    name: "it is cancelled while it waits",
    kind: "cancelled",
    after: (lab, job) => void setTimeout(() => lab.github.cancelJob(job.id), 400),
  },
];

/** What the functions logged of a job's detours, in a few words. */
export function detoursSeen(lab: Lab, job: Job): string {
  const words: Record<string, string> = {
    "message.waiting": "put off",
    "runner.replaced": "registered anew",
    "job.relaunched": "launched anew",
    "job.swapped": "swapped",
    "launch.abandoned": "taken back",
  };
  const seen = functionLog(lab, job.id).flatMap(({ event }) => words[event] ?? []);
  const counts = new Map<string, number>();
  for (const word of seen) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => (count === 1 ? word : `${word} x${count}`)).join(", ");
}
