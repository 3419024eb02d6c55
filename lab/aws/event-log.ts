import type { LabClock } from "./clock.ts";

/** Something that happened in the simulated account. */
export interface LabEvent {
  /** Unix time in milliseconds, by the account's clock. */
  at: number;
  /** Dotted, such as `microvm.state` or `lambda.invoked`. */
  kind: string;
  [field: string]: string | number | boolean | null | undefined;
}

export type LabEventFields = Omit<LabEvent, "at" | "kind">;

export interface EventLog {
  emit(kind: string, fields?: LabEventFields): void;
  /** Everything so far, oldest first. */
  all(): readonly LabEvent[];
  /** Calls `listener` for each event from here on; the answer stops it. */
  on(listener: (event: LabEvent) => void): () => void;
  /** The first event, past or future, that `matches` says yes to. */
  waitFor(matches: (event: LabEvent) => boolean): Promise<LabEvent>;
}

/** A log of what happens, kept in memory. */
export function createEventLog(clock: LabClock): EventLog {
  const events: LabEvent[] = [];
  const listeners = new Set<(event: LabEvent) => void>();
  const on = (listener: (event: LabEvent) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    emit(kind, fields = {}) {
      const event: LabEvent = { ...fields, at: clock.now(), kind };
      events.push(event);
      for (const listener of [...listeners]) listener(event);
    },
    all: () => events,
    on,
    waitFor(matches) {
      const past = events.find(matches);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => {
        const stop = on((event) => {
          if (!matches(event)) return;
          stop();
          resolve(event);
        });
      });
    },
  };
}
