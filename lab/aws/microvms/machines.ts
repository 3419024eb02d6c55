import { randomUUID } from "node:crypto";
import { managedConnector } from "./connectors.ts";
import { microvmErrors } from "./errors.ts";
import type { ImageVersion } from "./image.ts";
import { type Machine, stateOf } from "./machine.ts";
import { createMachineLife, type MachinesOptions } from "./machine-life.ts";
import type { RunRequest } from "./run-request.ts";

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

/** MicroVMs of an account. */
export function createMachines(options: MachinesOptions): Machines {
  const { clock } = options;
  const machines = new Map<string, Machine>();
  const boots = new Set<Promise<void>>();
  const life = createMachineLife(options);
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
      const booting = life.begin(machine).finally(() => boots.delete(booting));
      boots.add(booting);
      return machine;
    },
    terminate: (machine, reason = "Success.") => life.end(machine, reason),
    suspend(machine) {
      const state = stateOf(machine);
      if (state === "SUSPENDED" || state === "SUSPENDING") return;
      if (state !== "RUNNING") throw microvmErrors.conflict(`MicroVM is in state ${state}`, machine.id, "microvm");
      life.suspend(machine);
    },
    resume(machine) {
      const state = stateOf(machine);
      if (state === "RUNNING" || state === "PENDING") return;
      if (state !== "SUSPENDED") throw microvmErrors.conflict(`MicroVM is in state ${state}`, machine.id, "microvm");
      life.resume(machine);
    },
    find: (id) => machines.get(id),
    all: () => [...machines.values()],
    booted: async () => void (await Promise.all(boots)),
  };
}
