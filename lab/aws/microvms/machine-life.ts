import type { Account } from "../account.ts";
import { type LabClock, sleep } from "../clock.ts";
import type { EventLog } from "../event-log.ts";
import type { LogGroups } from "../logs.ts";
import type { Guest, GuestFactory } from "./guest.ts";
import { type Machine, type MachineState, stateOf } from "./machine.ts";
import { callHook, writeLog } from "./machine-hooks.ts";

export interface MachinesOptions {
  account: Account;
  clock: LabClock;
  events: EventLog;
  logs: LogGroups;
  guests: GuestFactory;
  /** From RunMicrovm to the run hook; 6 to 12 s in reality. */
  bootDelayMs: number;
  /** From TERMINATING to TERMINATED; about 2 s in reality. */
  terminateDelayMs: number;
  /** Whether a MicroVM ends with its main process: one source claims it, nobody has shown it (microvm-platform 2.4). */
  endsWithProcess: boolean;
}

/** The steps of a machine's life. */
export interface MachineLife {
  /** From PENDING to RUNNING, or to its end. */
  begin(machine: Machine): Promise<void>;
  suspend(machine: Machine): void;
  resume(machine: Machine): void;
  /** Does nothing to a machine that is ending or has ended. */
  end(machine: Machine, reason: string): void;
}

/** What becomes of a machine, step by step (microvm-platform 1.4, 2.2, 2.4). */
export function createMachineLife(options: MachinesOptions): MachineLife {
  const { clock, events } = options;

  const become = (machine: Machine, state: MachineState) => enter(options, machine, state);

  function later(machine: Machine, seconds: number, action: () => void): void {
    machine.timers.push(clock.setTimeout(action, seconds * 1_000));
  }

  async function boot(machine: Machine): Promise<void> {
    await sleep(clock, options.bootDelayMs);
    if (machine.ending) return;
    try {
      machine.guest = await startGuest(options, machine);
    } catch (error: unknown) {
      return end(machine, `The MicroVM could not be started: ${error instanceof Error ? error.message : "unknown"}`);
    }
    void machine.guest.exited.then((code) => exited(machine, code));
    if (machine.ending) return machine.guest.kill();
    // The payload is an opaque string inside an envelope (microvm-platform 2.1).
    const { runHookPayload } = machine.request;
    const failure = await callHook(options, machine, "run", {
      microvmId: machine.id,
      ...(runHookPayload === undefined ? {} : { runHookPayload }),
    });
    if (machine.ending) return;
    if (failure !== undefined) return end(machine, failure);
    become(machine, "RUNNING");
    watchIdle(machine);
  }

  // Only proxied inbound traffic counts as activity, and the lab sends none: a busy MicroVM goes to sleep all the same
  // (microvm-platform 2.4).
  function watchIdle(machine: Machine): void {
    const policy = machine.request.idlePolicy;
    if (policy === undefined) return;
    later(machine, policy.maxIdleDurationSeconds, () => {
      if (stateOf(machine) !== "RUNNING") return;
      suspend(machine);
      later(machine, policy.suspendedDurationSeconds, () => {
        if (stateOf(machine) === "SUSPENDED") end(machine, "MicroVM exceeded maximum lifetime.");
      });
    });
  }

  function exited(machine: Machine, code: number | null): void {
    if (machine.ending) return;
    events.emit("microvm.exited", { microvmId: machine.id, code });
    if (options.endsWithProcess) end(machine, "Success.");
  }

  function end(machine: Machine, reason: string): void {
    if (machine.ending) return;
    const awake = stateOf(machine) === "RUNNING";
    machine.ending = true;
    machine.stateReason = reason;
    for (const timer of machine.timers) clock.clearTimeout(timer);
    become(machine, "TERMINATING");
    void finish(machine, awake);
  }

  async function finish(machine: Machine, awake: boolean): Promise<void> {
    // The terminate hook's envelope has an empty id (microvm-platform 2.2).
    if (awake) await callHook(options, machine, "terminate", { microvmId: "" });
    await sleep(clock, options.terminateDelayMs);
    machine.guest?.kill();
    machine.terminatedAt = clock.now();
    become(machine, "TERMINATED");
  }

  function suspend(machine: Machine): void {
    become(machine, "SUSPENDING");
    void callHook(options, machine, "suspend", { microvmId: "" }).then((failure) => {
      if (machine.ending) return;
      become(machine, failure === undefined ? "SUSPENDED" : "RUNNING");
    });
  }

  return {
    begin(machine) {
      become(machine, "PENDING");
      later(machine, machine.maximumDurationInSeconds, () => end(machine, "MicroVM exceeded maximum lifetime."));
      return boot(machine);
    },
    suspend,
    resume(machine) {
      become(machine, "PENDING");
      void callHook(options, machine, "resume", { microvmId: "" }).then((failure) => {
        if (machine.ending) return;
        if (failure !== undefined) return end(machine, failure);
        become(machine, "RUNNING");
        watchIdle(machine);
      });
    },
    end,
  };
}

function enter({ clock, events }: MachinesOptions, machine: Machine, state: MachineState): void {
  machine.history.push({ at: clock.now(), state });
  events.emit("microvm.state", {
    microvmId: machine.id,
    state,
    ...(state === "TERMINATED" ? { reason: machine.stateReason } : {}),
  });
}

function startGuest(options: MachinesOptions, machine: Machine): Promise<Guest> {
  return options.guests.start({
    microvmId: machine.id,
    artifact: machine.version.artifact ?? new Uint8Array(),
    environment: machine.version.config.environment,
    memoryMib: machine.version.config.memoryMib,
    onOutput: (line) => void writeLog(options, machine, line),
  });
}
