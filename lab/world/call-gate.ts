import {
  type DispatcherError,
  NotFoundError,
  RefusedError,
  ThrottledError,
  TransientError,
} from "../../dispatcher/errors.ts";
import type { EventKind, Tally } from "./events.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What can go wrong with one call to the world outside. */
export type CallFault =
  /** It fails and nothing was done. */
  | "error"
  /** It is done and its answer is lost. */
  | "lost-answer"
  /** The process dies just before it. */
  | "crash-before"
  /** The process dies just after it was done. */
  | "crash-after"
  /** The message being handled is delivered once more. */
  | "duplicate"
  /** It takes so long that two of them end the process. */
  | "slow"
  /** What it asks for is said not to exist. */
  | "not-found"
  /** Its answer has a state that nobody knew when the code was written. */
  | "unknown-state"
  /** It fails in the way that its service has of saying so. */
  | DispatcherError;

export const SIMPLE_FAULTS = ["error", "lost-answer", "crash-before", "crash-after", "duplicate"] as const;

export interface Call {
  /** Counts all calls of all processes, from 0. */
  index: number;
  /** Such as `github.getJob`. */
  name: string;
  /** The repository that it is about, where it says so. */
  repository?: string;
}

/** A fault, and the kind of event that it is part of; a fault alone is counted by its own kind. */
export type PlannedFault = CallFault | { fault: CallFault; kind: EventKind };

/** Decides for each call whether it goes wrong. */
export type FaultSource = (call: Call, now: Date) => PlannedFault | undefined;

/** A process that makes calls: one invocation of a function. */
export interface Invocation {
  dead: boolean;
  /** Ends the process; whatever it awaits never comes. */
  kill(): void;
  duplicate(): void;
}

const SLOW_MS = 16_000;

/** Sees every call that leaves a process. */
export class CallGate {
  readonly calls: Call[] = [];
  /** How many calls went wrong, and until when the last of them asked to be left alone. */
  faults = 0;
  lastFaultAt = new Date(0);
  /** When a call about a repository was last answered by a refusal, which is an answer. */
  readonly lastRefusalAt = new Map<string, Date>();
  private readonly clock: VirtualTime;
  private readonly tally: Tally;
  private readonly source: FaultSource;
  private readonly delayOf: (name: string) => number;

  /** `delayOf`: how long a call takes, in milliseconds; nothing when absent. */
  constructor(
    clock: VirtualTime,
    tally: Tally,
    source: FaultSource = () => undefined,
    delayOf: (name: string) => number = () => 0,
  ) {
    this.clock = clock;
    this.tally = tally;
    this.source = source;
    this.delayOf = delayOf;
  }

  /** The port as one process sees it, every operation of it passing the gate. */
  guard<Port extends object>(name: string, port: Port, invocation: Invocation): Port {
    return new Proxy(port, {
      get: (target, property) => {
        const operation = Reflect.get(target, property) as unknown;
        if (typeof operation !== "function") return operation;
        const effect = (...args: unknown[]): unknown => Reflect.apply(operation, target, args);
        return (...args: unknown[]) => {
          const repository = repositoryIn(args[0]);
          const about = repository === undefined ? {} : { repository };
          return this.pass({ name: `${name}.${String(property)}`, ...about }, () => effect(...args), invocation);
        };
      },
    });
  }

  private async pass(about: Omit<Call, "index">, effect: () => unknown, invocation: Invocation): Promise<unknown> {
    if (invocation.dead) return never();
    const call = { index: this.calls.length, ...about };
    this.calls.push(call);
    const delayMs = this.delayOf(call.name);
    if (delayMs > 0) {
      await this.clock.sleep(delayMs);
      if (invocation.dead) return never();
    }
    const planned = this.source(call, this.clock.now());
    if (planned === undefined) return effect();
    const { fault, kind } = typeof planned === "object" && "fault" in planned ? planned : kindOf(planned);
    this.tally.note(kind);
    this.remember(call, fault);
    return this.carryOut(call.name, fault, effect, invocation);
  }

  private remember({ repository = "" }: Call, fault: CallFault): void {
    this.faults++;
    if (fault instanceof RefusedError || fault instanceof NotFoundError) {
      this.lastRefusalAt.set(repository, this.clock.now());
      return;
    }
    const pauseSeconds = fault instanceof ThrottledError ? (fault.retryAfterSeconds ?? 0) : 0;
    this.excuseUntil(new Date(this.clock.now().getTime() + pauseSeconds * 1_000));
  }

  /** Something kept the functions from acting until then. */
  excuseUntil(until: Date): void {
    if (until > this.lastFaultAt) this.lastFaultAt = until;
  }

  private async carryOut(
    name: string,
    fault: CallFault,
    effect: () => unknown,
    invocation: Invocation,
  ): Promise<unknown> {
    if (typeof fault === "object") throw fault;
    switch (fault) {
      case "error":
        throw new TransientError(`${name} failed`);
      case "lost-answer":
        await effect();
        throw new TransientError(`${name} was carried out and its answer was lost`);
      case "crash-before":
        invocation.kill();
        return never();
      case "crash-after":
        await effect();
        invocation.kill();
        return never();
      case "duplicate":
        invocation.duplicate();
        return effect();
      case "slow":
        await this.clock.sleep(SLOW_MS);
        return invocation.dead ? never() : effect();
      case "not-found":
        return undefined;
      case "unknown-state": {
        const answer = await effect();
        return typeof answer === "object" && answer !== null ? { ...answer, state: "MIGRATING" } : answer;
      }
    }
  }
}

function kindOf(fault: CallFault): { fault: CallFault; kind: EventKind } {
  if (fault instanceof ThrottledError) return { fault, kind: "throttled" };
  switch (fault) {
    case "lost-answer":
      return { fault, kind: "answer lost" };
    case "crash-before":
    case "crash-after":
      return { fault, kind: "crash" };
    case "duplicate":
      return { fault, kind: "duplicate" };
    case "slow":
      return { fault, kind: "github slow" };
    case "not-found":
      return { fault, kind: "job not found" };
    case "unknown-state":
      return { fault, kind: "unknown state" };
    default:
      return { fault, kind: "call failed" };
  }
}

function repositoryIn(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null || !("repository" in argument)) return undefined;
  return typeof argument.repository === "string" ? argument.repository : undefined;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
