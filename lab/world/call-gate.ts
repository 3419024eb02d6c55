import { type DispatcherError, ThrottledError, TransientError } from "../../dispatcher/errors.ts";
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
  /** It fails in the way that its service has of saying so. */
  | DispatcherError;

export const SIMPLE_FAULTS = ["error", "lost-answer", "crash-before", "crash-after", "duplicate"] as const;

export interface Call {
  /** Counts all calls of all processes, from 0. */
  index: number;
  /** Such as `github.getJob`. */
  name: string;
}

/** Decides for each call whether it goes wrong. */
export type FaultSource = (call: Call, now: Date) => CallFault | undefined;

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
  private readonly clock: VirtualTime;
  private readonly source: FaultSource;

  constructor(clock: VirtualTime, source: FaultSource = () => undefined) {
    this.clock = clock;
    this.source = source;
  }

  /** The port as one process sees it, every operation of it passing the gate. */
  guard<Port extends object>(name: string, port: Port, invocation: Invocation): Port {
    return new Proxy(port, {
      get: (target, property) => {
        const operation = Reflect.get(target, property) as unknown;
        if (typeof operation !== "function") return operation;
        const effect = (...args: unknown[]): unknown => Reflect.apply(operation, target, args);
        return (...args: unknown[]) => this.pass(`${name}.${String(property)}`, () => effect(...args), invocation);
      },
    });
  }

  private async pass(name: string, effect: () => unknown, invocation: Invocation): Promise<unknown> {
    if (invocation.dead) return never();
    const call = { index: this.calls.length, name };
    this.calls.push(call);
    const fault = this.source(call, this.clock.now());
    if (fault === undefined) return effect();
    this.faults++;
    const pauseSeconds = fault instanceof ThrottledError ? (fault.retryAfterSeconds ?? 0) : 0;
    const until = this.clock.now().getTime() + pauseSeconds * 1_000;
    this.lastFaultAt = new Date(Math.max(this.lastFaultAt.getTime(), until));
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
    }
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
