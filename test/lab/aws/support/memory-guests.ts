import type { Guest, GuestFactory, GuestInput, HookName } from "../../../../lab/aws/microvms/guest.ts";

export interface HookCall {
  microvmId: string;
  name: HookName;
  body: string;
}

export interface MemoryGuests extends GuestFactory {
  readonly started: GuestInput[];
  readonly calls: HookCall[];
  /** Status that a hook answers; "never" does not answer, "refuse" has nobody listening. */
  answers: Partial<Record<HookName, number | "never" | "refuse" | (number | "refuse")[]>>;
  /** Ends the main process of a MicroVM. */
  exit(microvmId: string, code: number): void;
  killed: string[];
}

/** Guests that are nothing but their answers. */
export function memoryGuests(): MemoryGuests {
  const exits = new Map<string, (code: number | null) => void>();
  const guests: MemoryGuests = {
    started: [],
    calls: [],
    answers: {},
    killed: [],
    exit: (microvmId, code) => exits.get(microvmId)?.(code),
    async start(input): Promise<Guest> {
      guests.started.push(input);
      let resolveExit: (code: number | null) => void = () => undefined;
      const exited = new Promise<number | null>((resolve) => {
        resolveExit = resolve;
      });
      exits.set(input.microvmId, resolveExit);
      return {
        exited,
        kill() {
          guests.killed.push(input.microvmId);
          resolveExit(null);
        },
        hook(name, body) {
          guests.calls.push({ microvmId: input.microvmId, name, body });
          const planned = guests.answers[name] ?? 200;
          const answer = Array.isArray(planned) ? (planned.length > 1 ? planned.shift() : planned[0]) : planned;
          if (answer === "never") return new Promise(() => undefined);
          if (answer === "refuse" || answer === undefined) return Promise.reject(new Error("connection refused"));
          return Promise.resolve({ status: answer });
        },
      };
    },
  };
  return guests;
}
