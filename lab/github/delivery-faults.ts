/**
 * What may happen to a delivery:
 * `lose`       never sent; GitHub notes that it could not connect;
 * `vanish`     never sent and never noted;
 * `delay`      sent later;
 * `duplicate`  sent twice;
 * `reorder`    sent after the next one of the same hook;
 * `unanswered` sent, but GitHub hangs up before the answer and notes a timeout.
 */
export type DeliveryFault = "lose" | "vanish" | "delay" | "duplicate" | "reorder" | "unanswered";

export interface DeliveryFaultOptions {
  /** Only deliveries of this event or of this action. */
  event?: string;
  action?: string;
  /** How many deliveries; default 1. */
  times?: number;
  /** For `delay`; default one second. */
  delayMs?: number;
}

export interface PlannedFault {
  fault: DeliveryFault;
  delayMs: number;
}

export interface DeliveryFaults {
  /** The next deliveries that match meet the fault; several faults are met in the order in which they were planned. */
  next(fault: DeliveryFault, options?: DeliveryFaultOptions): void;
  take(event: string, action: string | null): PlannedFault | undefined;
}

/** The faults that a test has planned. */
export function createDeliveryFaults(): DeliveryFaults {
  const planned: { fault: DeliveryFault; options: DeliveryFaultOptions; left: number }[] = [];
  return {
    next: (fault, options = {}) => void planned.push({ fault, options, left: options.times ?? 1 }),
    take(event, action) {
      const found = planned.find(
        ({ options, left }) =>
          left > 0 &&
          // A ping comes with every hook: it meets a fault only when it is asked for.
          (options.event === undefined ? event !== "ping" : options.event === event) &&
          (options.action === undefined || options.action === action),
      );
      if (found === undefined) return undefined;
      found.left -= 1;
      return { fault: found.fault, delayMs: found.options.delayMs ?? 1_000 };
    },
  };
}
