import { randomUUID } from "node:crypto";
import type { Account } from "../account.ts";
import { type LabClock, sleep } from "../clock.ts";
import type { EventLog } from "../event-log.ts";
import type { LogGroups } from "../logs.ts";
import { managedConnector } from "./connectors.ts";
import { microvmErrors } from "./errors.ts";
import type { GuestFactory, HookName } from "./guest.ts";
import type { ImageVersion } from "./image.ts";
import { type Machine, type MachineState, stateOf } from "./machine.ts";
import type { RunRequest } from "./run-request.ts";

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

export interface Machines {
  start(request: RunRequest, version: ImageVersion): Machine;
  /** Does nothing to a machine that is ending or has ended. */
  terminate(machine: Machine, reason?: string): void;
  suspend(machine: Machine): void;
  resume(machine: Machine): void;
  find(id: string): Machine | undefined;
  /** Oldest first, also those that have ended. */
  all(): Machine[];
  /** Resolves when no guest is being started any more. */
  booted(): Promise<void>;
}

/** MicroVMs and their lives (microvm-platform 1.4, 2.2, 2.4). */
export function createMachines(options: MachinesOptions): Machines {
  const { clock, events } = options;
  const machines = new Map<string, Machine>();
  const boots = new Set<Promise<void>>();

  function become(machine: Machine, state: MachineState): void {
    machine.history.push({ at: clock.now(), state });
    events.emit("microvm.state", {
      microvmId: machine.id,
      state,
      ...(state === "TERMINATED" ? { reason: machine.stateReason } : {}),
    });
  }

  function later(machine: Machine, seconds: number, action: () => void): void {
    machine.timers.push(clock.setTimeout(action, seconds * 1_000));
  }

  // Runtime logs exist only when the launch asked for them and its role may write (microvm-platform 2.9).
  function log(machine: Machine, message: string): Promise<boolean> {
    const { logging, executionRoleArn } = machine.request;
    if (logging?.logGroup === undefined || executionRoleArn === undefined) return Promise.resolve(false);
    const day = new Date(machine.startedAt).toISOString().slice(0, 10).replaceAll("-", "/");
    const stream = logging.logStream ?? `${day}[${machine.version.version}]${machine.id}`;
    const role = { roleName: executionRoleArn.split("/").at(-1) ?? "", sessionName: machine.id };
    return options.logs.write(role, logging.logGroup, stream, [message]);
  }

  /** Undefined when the guest answered 200, else why it failed. */
  async function callHook(machine: Machine, name: HookName, body: Record<string, string>): Promise<string | undefined> {
    const { enabled, timeoutSeconds } = machine.version.config.hooks[name];
    if (!enabled) return undefined;
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)} lifecycle hook`;
    const timeoutMs = timeoutSeconds * 1_000;
    let timer: unknown;
    const tooLate = new Promise<"late">((resolve) => {
      timer = clock.setTimeout(() => resolve("late"), timeoutMs);
    });
    const answered =
      machine.guest?.hook(name, JSON.stringify(body), timeoutMs) ?? Promise.reject(new Error("no guest"));
    const outcome = await Promise.race([answered.catch(() => "refused" as const), tooLate]);
    clock.clearTimeout(timer);
    await log(machine, `${name} hook: ${typeof outcome === "string" ? outcome : outcome.status}`);
    if (outcome === "late") return `${title} timed out`;
    const advice = "Please check your hook endpoint and application logs for more details.";
    if (outcome === "refused") return `${title} connection was refused. ${advice}`;
    return outcome.status === 200 ? undefined : `${title} returned HTTP status ${outcome.status}. ${advice}`;
  }

  async function boot(machine: Machine): Promise<void> {
    await sleep(clock, options.bootDelayMs);
    if (machine.ending) return;
    try {
      const guest = await options.guests.start({
        microvmId: machine.id,
        artifact: machine.version.artifact ?? new Uint8Array(),
        environment: machine.version.config.environment,
        memoryMib: machine.version.config.memoryMib,
        onOutput: (line) => void log(machine, line),
      });
      machine.guest = guest;
      void guest.exited.then((code) => exited(machine, code));
    } catch (error: unknown) {
      return end(machine, `The MicroVM could not be started: ${error instanceof Error ? error.message : "unknown"}`);
    }
    if (machine.ending) return machine.guest.kill();
    // The payload is an opaque string inside an envelope (microvm-platform 2.1).
    const { runHookPayload } = machine.request;
    const failure = await callHook(machine, "run", {
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
    if (awake) await callHook(machine, "terminate", { microvmId: "" });
    await sleep(clock, options.terminateDelayMs);
    machine.guest?.kill();
    machine.terminatedAt = clock.now();
    become(machine, "TERMINATED");
  }

  function suspend(machine: Machine): void {
    become(machine, "SUSPENDING");
    void callHook(machine, "suspend", { microvmId: "" }).then((failure) => {
      if (machine.ending) return;
      become(machine, failure === undefined ? "SUSPENDED" : "RUNNING");
    });
  }

  return {
    start(request, version) {
      const id = `microvm-${randomUUID()}`;
      const machine: Machine = {
        id,
        imageArn: request.imageArn,
        version,
        request,
        // Left out, a MicroVM gets a public endpoint and the internet (microvm-platform 1.2).
        ingress: request.ingress ?? [managedConnector(options.account, "HTTP_INGRESS")],
        egress: request.egress ?? [managedConnector(options.account, "INTERNET_EGRESS")],
        maximumDurationInSeconds: request.maximumDurationInSeconds ?? 28_800,
        endpoint: `${id}.lambda-microvm.${options.account.region}.on.aws`,
        startedAt: clock.now(),
        history: [],
        timers: [],
      };
      machines.set(id, machine);
      become(machine, "PENDING");
      later(machine, machine.maximumDurationInSeconds, () => end(machine, "MicroVM exceeded maximum lifetime."));
      const booting = boot(machine).finally(() => boots.delete(booting));
      boots.add(booting);
      return machine;
    },
    terminate: (machine, reason = "Success.") => end(machine, reason),
    suspend(machine) {
      const state = stateOf(machine);
      if (state === "SUSPENDED" || state === "SUSPENDING") return;
      if (state !== "RUNNING") throw microvmErrors.conflict(`MicroVM is in state ${state}`, machine.id, "microvm");
      suspend(machine);
    },
    resume(machine) {
      const state = stateOf(machine);
      if (state === "RUNNING" || state === "PENDING") return;
      if (state !== "SUSPENDED") throw microvmErrors.conflict(`MicroVM is in state ${state}`, machine.id, "microvm");
      become(machine, "PENDING");
      void callHook(machine, "resume", { microvmId: "" }).then((failure) => {
        if (machine.ending) return;
        if (failure !== undefined) return end(machine, failure);
        become(machine, "RUNNING");
        watchIdle(machine);
      });
    },
    find: (id) => machines.get(id),
    all: () => [...machines.values()],
    booted: async () => void (await Promise.all(boots)),
  };
}
