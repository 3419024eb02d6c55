/**
 * Which failed deliveries GitHub is asked to send again. A run goes around the hooks, one page of one hook at a time,
 * newest deliveries first; what it remembers between runs is small:
 *
 *   now ─────────── scan.startedMs ······ scan.cursor ─────────── floorMs ───────── 24 hours ago
 *    the next scan       dealt with             still to be looked at       dealt with
 *
 * A scan that ends moves the floor up. It stays a little below the scan's start, because a delivery is listed only when
 * it has ended; within that overlap, and beyond it for the 24 hours of a job, `chains` tells what was asked for
 * already.
 *
 * All these are times by GitHub's clock, which dates the deliveries; ours may differ. Lease, calls and waits are by
 * ours.
 */
import type { HookProgress, RedeliveryProgress } from "./redelivery-progress.ts";
import type { DeliveryAttempt, DeliveryPage, WatchedHook } from "./views.ts";

interface ReadPage {
  hook: WatchedHook;
  nextCursor: string | undefined;
}

/** A run on its way; made anew by each function that takes it on. */
export interface RedeliveryRun {
  progress: RedeliveryProgress;
  /** In the order in which they are visited. */
  hooks: readonly WatchedHook[];
  /** Position among the hooks. */
  at: number;
  /** Hooks that this run is done with. */
  done: ReadonlySet<string>;
  /** GUIDs of which the run has seen a later attempt. */
  seen: ReadonlySet<string>;
  /** Failures of the page last read that are to be sent again, and what follows once they are. */
  page?: ReadPage & { pending: readonly [DeliveryAttempt, ...DeliveryAttempt[]] };
}

export type RedeliveryStep =
  | { kind: "list"; hook: WatchedHook; cursor?: string }
  | { kind: "redeliver"; hook: WatchedHook; attempt: DeliveryAttempt }
  | { kind: "done" };

/** Calls to GitHub's API that one run may make, however many hooks there are. */
export const MAX_CALLS_PER_RUN = 60;
/** Calls within any hour, however often the function is invoked: those of a schedule of five minutes. */
export const MAX_CALLS_PER_HOUR = 720;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** GitHub keeps a queued job for 24 hours: a later delivery of it would find nothing to run. */
export const MAX_AGE_MS = 24 * HOUR_MS;
/** How long a delivery may take until it is listed: GitHub waits 10 seconds for an answer, a server of its own 30. */
const OVERLAP_MS = 10 * MINUTE_MS;
/** An attempt without an answer that is younger may still get one. */
const OPEN_MS = MINUTE_MS;
/** Outcomes of the last redelivery of a chain come in within this time after its 24 hours. */
const CHAIN_LIFE_MS = MAX_AGE_MS + HOUR_MS;
/**
 * DynamoDB keeps at most 400 KB in an item; a chain takes some 50 bytes. More than this many failing events in 25 hours
 * lose the oldest chain first, which at 720 calls an hour is hours old and has little of its 24 hours left.
 */
const MAX_CHAINS = 4_000;

const ACTIONS: ReadonlySet<string | null> = new Set(["queued", "completed"]);

/** Names a hook among all, in what is remembered. */
export function hookKey(hook: WatchedHook): string {
  if (hook.kind === "app") return "app";
  return `${hook.kind === "organization" ? hook.organization : hook.repository}#${hook.hookId}`;
}

/** Calls that a run starting now may make. */
export function callsAllowed({ calls, waitUntilMs = 0 }: RedeliveryProgress, now: Date): number {
  if (now.getTime() < waitUntilMs) return 0;
  const made = calls.reduce((sum, [atMs, count]) => (atMs > now.getTime() - HOUR_MS ? sum + count : sum), 0);
  return Math.max(0, Math.min(MAX_CALLS_PER_RUN, MAX_CALLS_PER_HOUR - made));
}

/** A run over these hooks, which goes on where the one before ended. */
export function beginRun(progress: RedeliveryProgress, hooks: readonly WatchedHook[], now: Date): RedeliveryRun {
  const nowMs = now.getTime();
  const gitHubMs = nowMs + (progress.aheadMs ?? 0);
  const start = Math.max(
    0,
    hooks.findIndex((hook) => hookKey(hook) === progress.next),
  );
  const known = hooks.map((hook): [string, HookProgress] => {
    const key = hookKey(hook);
    const { floorMs = 0, scan = { startedMs: gitHubMs }, refused } = progress.hooks[key] ?? {};
    return [key, { floorMs, scan, ...(refused === undefined ? {} : { refused }) }];
  });
  const chains = Object.entries(progress.chains).filter(([, [firstMs]]) => firstMs > gitHubMs - CHAIN_LIFE_MS);
  return {
    progress: {
      ...progress,
      hooks: Object.fromEntries(known),
      chains: Object.fromEntries(chains),
      calls: progress.calls.filter(([atMs]) => atMs > nowMs - HOUR_MS),
    },
    hooks: [...hooks.slice(start), ...hooks.slice(0, start)],
    at: 0,
    done: new Set(),
    seen: new Set(),
  };
}

/** What the run does next. */
export function planRedelivery({ page, hooks, done, at, progress }: RedeliveryRun): RedeliveryStep {
  if (page !== undefined) return { kind: "redeliver", hook: page.hook, attempt: page.pending[0] };
  const hook = [...hooks.slice(at), ...hooks].find((each) => !done.has(hookKey(each)));
  if (hook === undefined) return { kind: "done" };
  const cursor = progress.hooks[hookKey(hook)]?.scan?.cursor;
  return { kind: "list", hook, ...(cursor === undefined ? {} : { cursor }) };
}

/** A page of the hook was read. */
export function afterPage(before: RedeliveryRun, hook: WatchedHook, page: DeliveryPage, now: Date): RedeliveryRun {
  const run = withGitHubTime(before, hook, page, now);
  const readMs = now.getTime() + (run.progress.aheadMs ?? 0);
  const floorMs = floorOf(run.progress.hooks[hookKey(hook)], readMs);
  const answered = new Set(page.attempts.filter(isDelivered).map(({ guid }) => guid));
  const seen = new Set(run.seen);
  const pending = page.attempts.filter((attempt) => {
    if (seen.has(attempt.guid)) return false;
    seen.add(attempt.guid);
    return !answered.has(attempt.guid) && isToRepeat(run.progress, attempt, floorMs, readMs);
  });
  const oldest = page.attempts.at(-1);
  const ends = oldest === undefined || oldest.deliveredAt.getTime() < floorMs;
  return withPending({ ...run, seen }, { hook, nextCursor: ends ? undefined : page.nextCursor }, pending);
}

// A scan starts when GitHub lists its first page.
function withGitHubTime(run: RedeliveryRun, hook: WatchedHook, { readAt }: DeliveryPage, now: Date): RedeliveryRun {
  if (readAt === undefined) return run;
  const key = hookKey(hook);
  const before = run.progress.hooks[key];
  const startedMs = readAt.getTime();
  const hooks =
    before?.scan === undefined || before.scan.cursor !== undefined
      ? run.progress.hooks
      : { ...run.progress.hooks, [key]: { ...before, scan: { startedMs } } };
  return { ...run, progress: { ...run.progress, hooks, aheadMs: startedMs - now.getTime() } };
}

// A floor in the future is of a clock that was set back since: everything is looked at again, and `chains` tells what
// was asked for.
function floorOf(hook: HookProgress | undefined, readMs: number): number {
  const dayAgo = readMs - MAX_AGE_MS;
  const floorMs = hook?.floorMs ?? 0;
  return floorMs > readMs ? dayAgo : Math.max(floorMs, dayAgo);
}

/** GitHub was asked to send the attempt at the head of the page again, or can no longer do so. */
export function afterRedelivery(run: RedeliveryRun): RedeliveryRun {
  if (run.page === undefined) return run;
  const [attempt, ...pending] = run.page.pending;
  const lastMs = attempt.deliveredAt.getTime();
  const [firstMs] = run.progress.chains[attempt.guid] ?? [lastMs];
  const chains = bounded({ ...run.progress.chains, [attempt.guid]: [firstMs, lastMs] });
  return withPending({ ...run, progress: { ...run.progress, chains } }, run.page, pending);
}

/** For how long a delivery has failed, by GitHub's clock. */
export function failedForMs({ progress }: RedeliveryRun, { guid, deliveredAt }: DeliveryAttempt, now: Date): number {
  const [firstMs] = progress.chains[guid] ?? [deliveredAt.getTime()];
  return now.getTime() + (progress.aheadMs ?? 0) - firstMs;
}

/** The hook cannot be looked at now; `restart`: its cursor is of no use any more. */
export function skipHook(run: RedeliveryRun, hook: WatchedHook, restart = false): RedeliveryRun {
  const { page: _, ...rest } = run;
  const key = hookKey(hook);
  const before = run.progress.hooks[key];
  const skipped = { ...rest, at: positionAfter(run, hook), done: new Set(run.done).add(key) };
  if (!restart || before?.scan === undefined) return skipped;
  const anew = { ...before, scan: { startedMs: before.scan.startedMs } };
  return { ...skipped, progress: { ...run.progress, hooks: { ...run.progress.hooks, [key]: anew } } };
}

/** Notes why a hook is skipped; `tell`: nobody has been told of it, or not for a day. */
export function noteRefusal(
  run: RedeliveryRun,
  hook: WatchedHook,
  reason: string,
  now: Date,
): { run: RedeliveryRun; tell: boolean } {
  const key = hookKey(hook);
  const before = run.progress.hooks[key] ?? { floorMs: 0 };
  const [known, toldMs = 0] = before.refused ?? [];
  if (known === reason && toldMs > now.getTime() - MAX_AGE_MS) return { run, tell: false };
  const refused = [reason, now.getTime()] as const;
  const hooks = { ...run.progress.hooks, [key]: { ...before, refused } };
  return { run: { ...run, progress: { ...run.progress, hooks } }, tell: true };
}

/** What is to be remembered of the run; a page whose failures were not all repeated is read again by the next one. */
export function endRun({ progress, page, hooks, at }: RedeliveryRun): RedeliveryProgress {
  const { next: _, ...rest } = progress;
  const hook = page?.hook ?? hooks[at];
  return hook === undefined ? rest : { ...rest, next: hookKey(hook) };
}

function isDelivered({ statusCode }: DeliveryAttempt): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** Whether deliveries of that kind are asked for again: what else happens to a job, the watch finds out. */
export function isRepeatable(event: string, action: string | null): boolean {
  return event === "workflow_job" && ACTIONS.has(action);
}

function isToRepeat({ chains }: RedeliveryProgress, attempt: DeliveryAttempt, floorMs: number, nowMs: number): boolean {
  if (!isRepeatable(attempt.event, attempt.action)) return false;
  const deliveredMs = attempt.deliveredAt.getTime();
  if (deliveredMs < floorMs || (attempt.statusCode === 0 && deliveredMs > nowMs - OPEN_MS)) return false;
  const [firstMs, lastMs] = chains[attempt.guid] ?? [deliveredMs, Number.NEGATIVE_INFINITY];
  return deliveredMs > lastMs && firstMs > nowMs - MAX_AGE_MS;
}

function withPending(run: RedeliveryRun, page: ReadPage, pending: readonly DeliveryAttempt[]): RedeliveryRun {
  const [first, ...others] = pending;
  return first === undefined ? closePage(run, page) : { ...run, page: { ...page, pending: [first, ...others] } };
}

// One page of one hook, then the next hook's: a busy hook holds up no other.
function closePage({ page: _, ...run }: RedeliveryRun, { hook, nextCursor }: ReadPage): RedeliveryRun {
  const key = hookKey(hook);
  const before = run.progress.hooks[key];
  if (before?.scan === undefined) return run;
  const { floorMs, scan } = before;
  // Looked at and asked for what it lost: it is refused no longer.
  const after: HookProgress =
    nextCursor === undefined
      ? { floorMs: scan.startedMs - OVERLAP_MS }
      : { floorMs, scan: { ...scan, cursor: nextCursor } };
  return {
    ...run,
    progress: { ...run.progress, hooks: { ...run.progress.hooks, [key]: after } },
    at: positionAfter(run, hook),
    done: nextCursor === undefined ? new Set(run.done).add(key) : run.done,
  };
}

function positionAfter({ hooks }: Pick<RedeliveryRun, "hooks">, hook: WatchedHook): number {
  return (hooks.findIndex((other) => hookKey(other) === hookKey(hook)) + 1) % Math.max(1, hooks.length);
}

function bounded(chains: RedeliveryProgress["chains"]): RedeliveryProgress["chains"] {
  const entries = Object.entries(chains);
  if (entries.length <= MAX_CHAINS) return chains;
  return Object.fromEntries(entries.sort(([, [one]], [, [other]]) => other - one).slice(0, MAX_CHAINS));
}
