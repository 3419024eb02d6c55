import type { Guest } from "./guest.ts";
import type { ImageVersion } from "./image.ts";
import type { RunRequest } from "./run-request.ts";

export type MachineState = "PENDING" | "RUNNING" | "SUSPENDING" | "SUSPENDED" | "TERMINATING" | "TERMINATED";

/** One MicroVM. */
export interface Machine {
  id: string;
  imageArn: string;
  version: ImageVersion;
  request: RunRequest;
  ingress: string[];
  egress: string[];
  maximumDurationInSeconds: number;
  endpoint: string;
  startedAt: number;
  terminatedAt?: number;
  stateReason?: string;
  /** Every state it was in, oldest first. */
  history: { at: number; state: MachineState }[];
  guest?: Guest;
  /** Set once it is to end, so that a boot that is under way stops. */
  ending?: boolean;
  timers: unknown[];
}

/** The state that the machine is in. */
export function stateOf(machine: Machine): MachineState {
  return machine.history.at(-1)?.state ?? "PENDING";
}

/** The state that it was in at a moment; its first before that. */
export function stateAt(machine: Machine, at: number): MachineState {
  return machine.history.findLast((entry) => entry.at <= at)?.state ?? machine.history[0]?.state ?? "PENDING";
}

/** A machine as Run and Get show it: neither payload nor client token comes back (microvm-platform 1.2). */
export function machineView(machine: Machine, state = stateOf(machine)): Record<string, unknown> {
  const dead = state === "TERMINATED";
  return {
    microvmId: machine.id,
    state,
    endpoint: machine.endpoint,
    imageArn: machine.imageArn,
    imageVersion: machine.version.version,
    maximumDurationInSeconds: machine.maximumDurationInSeconds,
    startedAt: machine.startedAt / 1_000,
    ingressNetworkConnectors: machine.ingress,
    egressNetworkConnectors: machine.egress,
    ...(machine.request.executionRoleArn === undefined ? {} : { executionRoleArn: machine.request.executionRoleArn }),
    ...(machine.request.idlePolicy === undefined ? {} : { idlePolicy: machine.request.idlePolicy }),
    ...(dead && machine.terminatedAt !== undefined ? { terminatedAt: machine.terminatedAt / 1_000 } : {}),
    ...((dead || state === "TERMINATING") && machine.stateReason !== undefined
      ? { stateReason: machine.stateReason }
      : {}),
  };
}
