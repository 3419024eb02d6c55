import { ACCESS_REFUSED, logEvent, REDELIVERY_ASKED } from "../../contract/events.ts";
import type { Logger } from "../../contract/log.ts";
import {
  afterPage,
  afterRedelivery,
  beginRun,
  callsAllowed,
  endRun,
  failedForMs,
  hookKey,
  noteRefusal,
  planRedelivery,
  type RedeliveryRun,
  type RedeliveryStep,
  skipHook,
} from "../core/plan-redelivery.ts";
import type { RedeliveryProgress } from "../core/redelivery-progress.ts";
import type { WatchedHook } from "../core/views.ts";
import {
  AppRefusedError,
  CallBudgetSpentError,
  ConfigurationError,
  DispatcherError,
  InvalidCursorError,
  NotFoundError,
  NotInstalledError,
  NotPermittedError,
  RefusedError,
  ThrottledError,
  TransientError,
} from "../errors.ts";
import type { Clock, HookDeliveries, RedeliveryState } from "../ports.ts";

/** What redelivery needs of the world. */
export interface RedeliverDeps {
  state: RedeliveryState;
  /** Deliveries whose calls are counted: `spend` comes before each, and throws when none may be made. */
  deliveries(spend: () => void): HookDeliveries;
  hooks: readonly WatchedHook[];
  clock: Clock;
  log: Logger;
}

export interface RedeliverResult {
  /** Deliveries that GitHub was asked to send again. */
  asked: number;
  /** Calls to GitHub's API. */
  calls: number;
  /** Why a webhook that the module made could not be looked at: it is gone, or the App lacks the permission. */
  unseen?: DispatcherError;
}

/** A GitHub that fails so often in a row is left alone until the next run. */
const MAX_FAILURES_IN_A_ROW = 3;

/**
 * One run: looks for failed deliveries of the hooks and has GitHub send them again, until `deadline` at the latest. A
 * service that does not answer is no fault of it: the next run does the same.
 */
export async function redeliver(
  deps: RedeliverDeps,
  invocation: { holder: string; deadline: Date },
): Promise<RedeliverResult> {
  try {
    return await run(deps, invocation);
  } catch (error: unknown) {
    if (!(error instanceof TransientError || error instanceof ThrottledError)) throw error;
    deps.log.warn("redelivery.put_off", { message: error.message });
    return { asked: 0, calls: 0 };
  }
}

async function run(deps: RedeliverDeps, invocation: { holder: string; deadline: Date }): Promise<RedeliverResult> {
  const { state, clock, log } = deps;
  const { holder } = invocation;
  const now = clock.now();
  const progress = await state.update((before) => takeLease(before, invocation, now));
  if (progress.lease?.holder !== holder) {
    log.info("redelivery.already_running");
    return { asked: 0, calls: 0 };
  }
  const allowed = callsAllowed(withoutReservation(progress, now), now);
  const work: Work = { run: beginRun(progress, deps.hooks, now), asked: 0, failures: 0 };
  let calls = 0;
  const spend = () => {
    if (calls >= allowed) throw new CallBudgetSpentError("the run has made all its calls");
    calls += 1;
  };
  try {
    await carryOut(deps, deps.deliveries(spend), work, invocation.deadline);
  } finally {
    const { lease: _, ...after } = endRun(work.run);
    const made = withoutReservation(after, now);
    const count: [number, number][] = calls === 0 ? [] : [[now.getTime(), calls]];
    await state.update((current) =>
      current.lease?.holder === holder ? { ...made, calls: [...made.calls, ...count] } : current,
    );
  }
  log.info("redelivery.ended", { asked: work.asked, calls });
  return { asked: work.asked, calls, ...(work.unseen ? { unseen: work.unseen } : {}) };
}

interface Work {
  run: RedeliveryRun;
  asked: number;
  /** Failures in a row. */
  failures: number;
  unseen?: DispatcherError;
}

type CallStep = Exclude<RedeliveryStep, { kind: "done" }>;

async function carryOut(deps: RedeliverDeps, port: HookDeliveries, work: Work, deadline: Date): Promise<void> {
  while (deps.clock.now() < deadline) {
    const step = planRedelivery(work.run);
    if (step.kind === "done") return;
    try {
      if (step.kind === "list") {
        const page = await port.list(step.hook, step.cursor);
        work.run = afterPage(work.run, step.hook, page, deps.clock.now());
      } else {
        await port.redeliver(step.hook, step.attempt.id);
        work.run = afterRedelivery(work.run);
        work.asked += 1;
        const { guid: deliveryId, action, statusCode } = step.attempt;
        const ageSeconds = Math.round(failedForMs(work.run, step.attempt, deps.clock.now()) / 1_000);
        const more = { deliveryId, hook: hookKey(step.hook), action };
        logEvent(deps.log, REDELIVERY_ASKED, { statusCode, ageSeconds }, more);
      }
      work.failures = 0;
    } catch (error: unknown) {
      if (!goesOn(deps, work, step, error)) return;
    }
  }
}

// Whether the run goes on after an error. Whatever one hook meets, the next look is another hook's: none waits for it.
function goesOn({ log, clock }: RedeliverDeps, work: Work, step: CallStep, error: unknown): boolean {
  if (error instanceof CallBudgetSpentError) return false;
  const hook = hookKey(step.hook);
  if (step.kind === "redeliver" && isRefusedDelivery(error)) {
    log.warn("redelivery.refused", { deliveryId: step.attempt.guid, hook, message: error.message });
    work.run = afterRedelivery(work.run);
    return true;
  }
  work.run = skipHook(work.run, step.hook, error instanceof InvalidCursorError);
  if (error instanceof InvalidCursorError) return true;
  if (error instanceof ThrottledError) {
    const waitUntilMs = clock.now().getTime() + (error.retryAfterSeconds ?? 60) * 1_000;
    work.run = { ...work.run, progress: { ...work.run.progress, waitUntilMs } };
    log.warn("redelivery.throttled", { until: new Date(waitUntilMs).toISOString() });
    return false;
  }
  // What is wrong with the configuration is wrong for every hook, and the invocation says so.
  if (!(error instanceof DispatcherError) || error instanceof ConfigurationError) throw error;
  // Here it is seen also when there are no jobs.
  if (isRefusal(error)) logEvent(log, ACCESS_REFUSED, { message: error.message }, { hook });
  // The App's own webhook may be none of ours: nobody made it for the module.
  else if (!(error instanceof TransientError) && step.hook.kind !== "app") work.unseen = error;
  if (error instanceof AppRefusedError) return false;
  if (error instanceof TransientError) {
    log.warn("redelivery.failed", { hook, message: error.message, ...error.details });
    work.failures += 1;
    return work.failures < MAX_FAILURES_IN_A_ROW;
  }
  tellRefusal({ log, clock }, work, step.hook, error);
  return true;
}

// Once a day for each hook and reason: it is looked at every few minutes.
function tellRefusal(
  { log, clock }: Pick<RedeliverDeps, "log" | "clock">,
  work: Work,
  hook: WatchedHook,
  error: Error,
) {
  const event = eventOf(error);
  const { run, tell } = noteRefusal(work.run, hook, event, clock.now());
  work.run = run;
  if (!tell) return;
  const details = error instanceof DispatcherError ? error.details : {};
  const permission = error instanceof NotPermittedError ? { permission: error.permission } : {};
  log.warn(event, { hook: hookKey(hook), message: error.message, ...details, ...permission });
}

function isRefusal(error: Error): boolean {
  return (error instanceof RefusedError && !(error instanceof NotPermittedError)) || error instanceof NotInstalledError;
}

function eventOf(error: Error): string {
  if (error instanceof NotPermittedError) return "redelivery.not_permitted";
  return error instanceof NotFoundError ? "redelivery.hook_not_found" : "redelivery.hook_refused";
}

// GitHub refuses this one delivery, or has it no longer; one that refuses the whole repository is told from it.
function isRefusedDelivery(error: unknown): error is RefusedError | NotFoundError {
  if (error instanceof NotFoundError) return error.details.installationId === undefined;
  return error instanceof RefusedError && (error.details.status === 400 || error.details.status === 422);
}

/**
 * The lease holds until the invocation is over, and with it all the calls that the run may make are taken: should it
 * die, they count as made.
 */
function takeLease(
  progress: RedeliveryProgress,
  { holder, deadline }: { holder: string; deadline: Date },
  now: Date,
): RedeliveryProgress {
  const { lease } = progress;
  if (lease !== undefined && lease.holder === holder) return progress;
  if (lease !== undefined && lease.untilMs > now.getTime()) return progress;
  const allowed = callsAllowed(progress, now);
  const reserved: [number, number][] = allowed === 0 ? [] : [[now.getTime(), allowed]];
  return {
    ...progress,
    calls: [...progress.calls, ...reserved],
    lease: { holder, untilMs: deadline.getTime() },
  };
}

function withoutReservation(progress: RedeliveryProgress, now: Date): RedeliveryProgress {
  return { ...progress, calls: progress.calls.filter(([atMs]) => atMs !== now.getTime()) };
}
