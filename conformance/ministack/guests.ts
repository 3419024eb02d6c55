import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Guest } from "../../lab/aws/microvms/guest.ts";
import { createProcessGuests } from "../../lab/runner/guest.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import type { RunRequest } from "./bridges.ts";

export interface Guests {
  /** What the bridge calls for a MicroVM that runs, and for one that was ended. */
  run(request: RunRequest): void;
  end(microvmId: string): void;
  /** The next MicroVM dies before it was told what to do. */
  killNext(): void;
  /** Launches so far. */
  launches: readonly RunRequest[];
  alive(): number;
  /** The most at one time, since it was last asked. */
  most(): number;
  failures: readonly string[];
  stop(): Promise<void>;
}

const MEMORY_MIB = 4_096;
const HOOK_TIMEOUT_MS = 60_000;

/**
 * For each MicroVM the committed supervisor as a process, with the stand-in for the Actions runner, told to run as
 * MiniStack itself tells a container (services/lambda_microvms.py, `_start_container`). `terminate` is what the service
 * does with a MicroVM whose main process ended.
 */
export function createGuests(terminate: (microvmId: string) => Promise<void>): Guests {
  const factory = createProcessGuests();
  const guests = new Map<string, Promise<Guest>>();
  const launches: RunRequest[] = [];
  const failures: string[] = [];
  const started = new Set<Guest>();
  const killAll = () => {
    for (const guest of started) guest.kill();
  };
  process.prependOnceListener("exit", killAll);
  let [most, doomed] = [0, false];

  async function boot({ microvmId, runHookPayload }: RunRequest, dies: boolean): Promise<Guest> {
    const artifact = await readFile(join(PROJECT_ROOT, "module/image.zip"));
    const guest = await factory.start({ microvmId, artifact, environment: {}, memoryMib: MEMORY_MIB });
    started.add(guest);
    void guest.exited.then(() => started.delete(guest));
    void guest.exited.then(() => forget(microvmId)).then(() => terminate(microvmId));
    if (dies) {
      guest.kill();
      return guest;
    }
    const { status } = await guest.hook("run", JSON.stringify({ microvmId, runHookPayload }), HOOK_TIMEOUT_MS);
    if (status !== 200) throw new Error(`/run was answered ${status}`);
    return guest;
  }
  const forget = (microvmId: string) => guests.delete(microvmId);

  return {
    launches,
    failures,
    alive: () => guests.size,
    most() {
      const seen = most;
      most = guests.size;
      return seen;
    },
    killNext() {
      doomed = true;
    },
    run(request) {
      launches.push(request);
      const dies = doomed;
      doomed = false;
      const guest = boot(request, dies);
      guests.set(request.microvmId, guest);
      most = Math.max(most, guests.size);
      guest.catch((error: unknown) => {
        failures.push(`${request.microvmId}: ${String(error)}`);
        forget(request.microvmId);
      });
    },
    end(microvmId) {
      void guests.get(microvmId)?.then(
        (guest) => guest.kill(),
        () => {},
      );
      forget(microvmId);
    },
    async stop() {
      process.off("exit", killAll);
      for (const guest of guests.values()) await guest.then((each) => each.kill()).catch(() => {});
    },
  };
}
