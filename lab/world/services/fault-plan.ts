import { TransientError } from "../../../dispatcher/errors.ts";

/** `Error`: thrown and nothing is done; `after-effect`: the call is carried out and its answer is lost. */
export type Fault = Error | "after-effect";

/** Decides for a call, by its operation and by how many calls there were before it, whether it goes wrong. */
export type FaultSource = (operation: string, callNumber: number) => Fault | undefined;

/** What every in-memory port can be told to do wrong. */
export interface Faulty<Operation extends string> {
  /** The next `times` calls of that operation go wrong. */
  failNext(operation: Operation, fault: Fault, times?: number): void;
  /** Every call asks `source` first; undefined takes it away. */
  failBy(source: FaultSource | undefined): void;
  /** Operations in the order of their calls, also of those that went wrong. */
  readonly calls: readonly Operation[];
}

export interface FaultPlan<Operation extends string> extends Faulty<Operation> {
  /** Carries out one call, synchronously, with whatever was planned for it. */
  run<T>(operation: Operation, effect: () => T): Promise<T>;
}

/** Keeps what is to go wrong with the calls of one port. */
export function createFaultPlan<Operation extends string>(): FaultPlan<Operation> {
  const planned: { operation: Operation; fault: Fault }[] = [];
  const calls: Operation[] = [];
  let source: FaultSource | undefined;

  function faultOf(operation: Operation): Fault | undefined {
    const index = planned.findIndex((entry) => entry.operation === operation);
    const [entry] = index < 0 ? [] : planned.splice(index, 1);
    return entry?.fault ?? source?.(operation, calls.length - 1);
  }

  return {
    calls,
    failNext(operation, fault, times = 1) {
      for (let count = 0; count < times; count++) planned.push({ operation, fault });
    },
    failBy(next) {
      source = next;
    },
    async run(operation, effect) {
      calls.push(operation);
      const fault = faultOf(operation);
      if (fault instanceof Error) throw fault;
      const value = effect();
      if (fault === "after-effect") throw new TransientError(`${operation} was carried out and its answer was lost`);
      return value;
    },
  };
}
