import type { CallHook, GatewayCall } from "../aws/gateway/call-hooks.ts";
import { microvmErrors } from "../aws/microvms/errors.ts";
import type { Job } from "../github/jobs.ts";
import type { Lab } from "../lab.ts";
import type { EventKind } from "../world/events.ts";
import { functionLog } from "./timeline.ts";

/** Something that goes wrong on one job's way. */
export interface Detour {
  name: string;
  /** What happens, and what meets it. */
  says: string;
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

export const NO_DETOUR: Detour = {
  name: "none",
  says: "nothing: the job beside which the others are to be seen.",
};

/** What can happen to a job here; each ends with the job done and nothing left. */
export const DETOURS: readonly Detour[] = [
  NO_DETOUR,
  {
    name: "its delivery arrives twice",
    says: "GitHub sends the same delivery two times; the second finds the job claimed.",
    kind: "delivery repeated",
    before: (lab) => lab.github.deliveries.next("duplicate", { event: "workflow_job", action: "queued" }),
  },
  {
    name: "RunMicrovm is throttled twice",
    says: "the service refuses two launches for their rate; the message waits, and no attempt is used up.",
    kind: "launch limit",
    after: (lab, job) =>
      meet(lab, job, "RunMicrovm", () => ({ fail: microvmErrors.throttling(undefined) }), "before", 2),
  },
  {
    name: "no capacity for a MicroVM",
    says: "the Region has no room for a moment; all launches wait, this one first.",
    kind: "quota used up",
    after: (lab, job) => meet(lab, job, "RunMicrovm", () => ({ fail: microvmErrors.insufficientCapacity() })),
  },
  {
    name: "the answer of RunMicrovm is lost",
    says: "a MicroVM is launched and nobody is told; the same call with the same token names it.",
    kind: "answer lost",
    after: (lab, job) => meet(lab, job, "RunMicrovm", () => "disconnect", "after"),
  },
  {
    name: "the dispatcher dies before RunMicrovm",
    says: "the function is killed; after its lease another takes the launch over.",
    kind: "crash",
    after: (lab, job) => meet(lab, job, "RunMicrovm", (call) => lab.aws.gateway.killCallerOf(call)),
  },
  {
    name: "GitHub answers 502 to the registration",
    says: "the runner could not be registered; the message is tried again.",
    kind: "call failed",
    after: (lab) => lab.github.failNext(/generate-jitconfig/, 502, 1),
  },
  {
    name: "GitHub refuses the registration once",
    says: "a 403 that goes away; the message is tried again.",
    kind: "repository refused",
    after: (lab) => lab.github.failNext(/generate-jitconfig/, 403, 1),
  },
  {
    name: "RunMicrovm is denied once",
    says: "a policy that does not count yet; the registration is taken back and the message tried again.",
    kind: "launch refused",
    after: (lab, job) =>
      meet(lab, job, "RunMicrovm", () => ({ fail: microvmErrors.accessDenied("no policy allows it") })),
  },
  {
    name: "its MicroVM dies while it boots",
    says: "the runner never comes online; the watch sees it and launches another MicroVM.",
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
    says: "somebody cancels the job; its launch is taken back.",
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

/** A sentence for each detour that was taken, and for what looks like a mistake and is none. */
export function detourSentences(taken: readonly Detour[]): string {
  const sentences = [...new Set(taken)].map(({ name, says }) => `${name}: ${says}`);
  return [
    ...sentences,
    "More than one MicroVM: a launch was lost, or GitHub gave the runner to another job, which is what swapped says.",
  ].join("\n");
}
