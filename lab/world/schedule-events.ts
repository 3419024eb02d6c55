import fc from "fast-check";
import {
  NotFoundError,
  NotInstalledError,
  RefusedError,
  ThrottledError,
  TransientError,
} from "../../dispatcher/errors.ts";
import type { Call, CallFault, PlannedFault } from "./call-gate.ts";
import type { EventKind } from "./events.ts";
import type { World } from "./world.ts";

/** A time in which something is not as usual: seconds from the start. */
interface Span {
  from: number;
  seconds: number;
}

/** Times in which every call to a service goes wrong, by what they are called in {@link EventKind}. */
const OUTAGES = [
  "github limit",
  "github slow",
  "launch limit",
  "quota used up",
  "image updating",
  "table down",
] as const;
/** Answers that no waiting heals but somebody's hand does, and a parameter store that is away. */
const REFUSALS = ["app suspended", "key revoked", "launch refused", "ssm down"] as const;
/** Single calls whose answer is not what it should be: the `nth` of its kind. */
const ANSWERS = ["job not found", "microvm not found", "unknown state"] as const;

/** Something that happens in one schedule beside its jobs and its single faults. */
export type ScheduleEvent =
  | ({ kind: (typeof OUTAGES)[number] | (typeof REFUSALS)[number] } & Span)
  | ({ kind: "nothing assigned" | "function throttled" } & Span)
  | ({ kind: "repository refused"; repository: number; status: 403 | 404 | 422 } & Span)
  /** From then on the App does not reach the repository; its own end is told or is not. */
  | { kind: "app removed"; repository: number; from: number }
  /** The job waits for an approval or its concurrency group, so many seconds after it was queued. */
  | { kind: "held"; job: number; after: number; seconds: number }
  /** Three steps of as many seconds. */
  | ({ kind: "secret rotated" } & Span)
  | ({ kind: "message late"; by: number } & Span)
  | ({ kind: "hook refused"; repository: number } & Span)
  | { kind: (typeof ANSWERS)[number]; nth: number }
  /** The `nth` launch's worker dies after its call, and the next attempt comes when its client token is forgotten. */
  | { kind: "token forgotten"; nth: number };

const from = fc.integer({ min: 0, max: 600 });
const seconds = (max: number) => fc.integer({ min: 1, max });
const repository = fc.integer({ min: 0, max: 2 });
const HOUR = 3_600;

const EVENT_ARBITRARIES: readonly fc.Arbitrary<ScheduleEvent>[] = [
  ...OUTAGES.map((kind) => fc.record({ kind: fc.constant(kind), from, seconds: seconds(1_200) })),
  ...REFUSALS.map((kind) => fc.record({ kind: fc.constant(kind), from, seconds: seconds(5 * HOUR) })),
  fc.record({ kind: fc.constant("nothing assigned" as const), from, seconds: seconds(4 * HOUR) }),
  fc.record({ kind: fc.constant("function throttled" as const), from, seconds: seconds(600) }),
  fc.record({
    kind: fc.constant("repository refused" as const),
    repository,
    status: fc.constantFrom(403 as const, 404 as const, 422 as const),
    from,
    seconds: seconds(5 * HOUR),
  }),
  fc.record({ kind: fc.constant("app removed" as const), repository, from }),
  fc.record({
    kind: fc.constant("held" as const),
    job: fc.nat(7),
    after: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 4 * HOUR })),
    seconds: seconds(2 * HOUR),
  }),
  fc.record({ kind: fc.constant("secret rotated" as const), from, seconds: seconds(300) }),
  fc.record({ kind: fc.constant("message late" as const), by: seconds(240), from, seconds: seconds(600) }),
  fc.record({ kind: fc.constant("hook refused" as const), repository, from, seconds: seconds(3 * HOUR) }),
  ...ANSWERS.map((kind) => fc.record({ kind: fc.constant(kind), nth: fc.nat(12) })),
  fc.record({ kind: fc.constant("token forgotten" as const), nth: fc.nat(3) }),
];

/** Events of every kind but those. */
export function eventsWithout(kinds: ReadonlySet<EventKind>): fc.Arbitrary<ScheduleEvent> {
  const known = EVENT_ARBITRARIES.filter((_, index) => !kinds.has(kindAt(index)));
  return fc.oneof(...known);
}

const KINDS: readonly EventKind[] = [
  ...OUTAGES,
  ...REFUSALS,
  ...(["nothing assigned", "function throttled", "repository refused", "app removed", "held"] as const),
  ...(["secret rotated", "message late", "hook refused"] as const),
  ...ANSWERS,
  "token forgotten",
];

function kindAt(index: number): EventKind {
  return KINDS[index] ?? "call failed";
}

/** Whether a moment, in seconds from the start, lies within a span. */
export function isWithin({ from: begin, seconds: length }: Span, second: number): boolean {
  return second >= begin && second < begin + length;
}

/**
 * What an event makes of one call; `repositoryOf` names the repository of an index, `earlier` counts calls of that
 * name.
 */
export function faultOfEvent(
  event: ScheduleEvent,
  call: Call,
  second: number,
  { repositoryOf, earlier }: { repositoryOf(index: number): string; earlier: number },
): PlannedFault | undefined {
  const fault = callFault(event, call, second, repositoryOf, earlier);
  if (fault === undefined) return undefined;
  // Whether the token really was forgotten is told by who forgot it.
  return event.kind === "token forgotten" ? fault : { fault, kind: event.kind };
}

function callFault(
  event: ScheduleEvent,
  { name, repository: about }: Call,
  second: number,
  repositoryOf: (index: number) => string,
  earlier: number,
): CallFault | undefined {
  const isGitHub = name.startsWith("github.");
  switch (event.kind) {
    case "job not found":
      return name === "github.getJob" && earlier === event.nth ? "not-found" : undefined;
    case "microvm not found":
      return name === "microvms.get" && earlier === event.nth ? "not-found" : undefined;
    case "unknown state":
      return /^microvms\.(run|get)$/.test(name) && earlier === event.nth ? "unknown-state" : undefined;
    case "token forgotten":
      return name === "microvms.run" ? forgetting(event, earlier, second) : undefined;
    case "app removed":
      return isGitHub && about === repositoryOf(event.repository) && second >= event.from
        ? new NotInstalledError(`the installation does not reach ${about}`)
        : undefined;
    case "repository refused":
      return isGitHub && about === repositoryOf(event.repository) && isWithin(event, second)
        ? refusal(event.status, name)
        : undefined;
    case "held":
    case "nothing assigned":
    case "function throttled":
    case "secret rotated":
    case "message late":
    case "hook refused":
      return undefined;
    default:
      return isWithin(event, second) ? outage(event, name, second) : undefined;
  }
}

/** Two calls with one token have been seen to give one MicroVM for 305 s; for how long they do is not documented. */
export const TOKEN_MEMORY_SECONDS = 310;
const forgottenAt = new WeakMap<ScheduleEvent, number>();

function forgetting(event: Extract<ScheduleEvent, { kind: "token forgotten" }>, earlier: number, second: number) {
  if (earlier < event.nth) return undefined;
  if (earlier === event.nth) {
    forgottenAt.set(event, second + TOKEN_MEMORY_SECONDS);
    return "crash-after" as const;
  }
  return second < (forgottenAt.get(event) ?? 0) ? new ThrottledError("Rate exceeded", { reason: "rate" }) : undefined;
}

function refusal(status: 403 | 404 | 422, name: string): CallFault {
  if (status === 404) return new NotFoundError(`${name} failed: not found`, { details: { status } });
  return new RefusedError(`${name} was refused (${status})`, { details: { status } });
}

function outage(
  event: Extract<ScheduleEvent, { kind: (typeof OUTAGES)[number] | (typeof REFUSALS)[number] }>,
  name: string,
  second: number,
): CallFault | undefined {
  const isGitHub = name.startsWith("github.");
  const isRun = name === "microvms.run";
  switch (event.kind) {
    case "github limit": {
      const retryAfterSeconds = Math.ceil(event.from + event.seconds - second);
      return isGitHub ? new ThrottledError("rate limit exceeded", { retryAfterSeconds }) : undefined;
    }
    case "github slow":
      return isGitHub ? "slow" : undefined;
    case "table down":
      return name.startsWith("table.") ? new TransientError(`${name} failed`) : undefined;
    case "ssm down":
      return name.startsWith("ssm.") ? new TransientError(`${name} failed`) : undefined;
    case "launch limit":
      return isRun ? new ThrottledError("Rate exceeded", { reason: "rate" }) : undefined;
    case "quota used up":
      return isRun ? new ThrottledError("no room", { reason: "quota" }) : undefined;
    case "image updating":
      return isRun ? new ThrottledError("the image is being updated", { reason: "image" }) : undefined;
    case "launch refused":
      return isRun
        ? new RefusedError("RunMicrovm was refused: access denied", { details: { status: 403 } })
        : undefined;
    case "app suspended":
      return isGitHub
        ? new RefusedError("this installation has been suspended", { details: { status: 403 } })
        : undefined;
    case "key revoked":
      return isGitHub || name.startsWith("hooks.")
        ? new RefusedError("GitHub does not accept the App's token", { details: { status: 401 } })
        : undefined;
  }
}

/** What is planned in a world for an event that is not about single calls; `jobOf`: the id of a job of the schedule. */
export function planEvent(
  event: ScheduleEvent,
  world: World,
  jobOf: (index: number) => { id: number; at: number },
): void {
  const { time, github, secrets, lambda, tally } = world;
  switch (event.kind) {
    case "held": {
      const { id, at } = jobOf(event.job);
      time.after(at + event.after, () => github.holdJob(id));
      time.after(at + event.after + event.seconds, () => github.releaseJob(id));
      return;
    }
    case "nothing assigned":
      time.after(event.from, () => github.setAssigning(false));
      time.after(event.from + event.seconds, () => github.setAssigning(true));
      return;
    case "function throttled":
      // Others leave the account a single place.
      time.after(event.from, () => lambda.occupy(ACCOUNT_CONCURRENCY - 1));
      time.after(event.from + event.seconds, () => lambda.occupy(0));
      return;
    case "secret rotated":
      time.after(event.from, () => secrets.add());
      time.after(event.from + event.seconds, () => {
        secrets.use();
        tally.note("secret rotated");
      });
      time.after(event.from + 2 * event.seconds, () => secrets.drop());
      return;
    default:
      return;
  }
}

/** What a new account has (AWS Lambda, quotas). */
export const ACCOUNT_CONCURRENCY = 10;
