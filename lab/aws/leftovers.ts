import { stateOf } from "./microvms/machine.ts";
import type { MicrovmService } from "./microvms/service.ts";
import type { Queues } from "./storage/queues.ts";

/** What a run left behind. */
export interface Leftovers {
  microvms: { microvmId: string; state: string }[];
  /** Queues that hold messages. */
  queues: { name: string; visible: number; delayed: number; inFlight: number }[];
}

/** What still bills or waits: MicroVMs that are not TERMINATED and messages in queues. */
export function leftoversOf(microvms: MicrovmService, queues: Queues): Leftovers {
  return {
    microvms: microvms.alive().map((machine) => ({ microvmId: machine.id, state: stateOf(machine) })),
    queues: queues
      .names()
      .map((name) => {
        const { visible, delayed, inFlight } = queues.messages(name);
        return { name, visible, delayed, inFlight };
      })
      .filter(({ visible, delayed, inFlight }) => visible + delayed + inFlight > 0),
  };
}
