import type { Account } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import type { LabClock } from "../clock.ts";
import type { EventLog } from "../event-log.ts";
import { type CallContext, jsonBody, jsonReply, NoAnswer, type Service } from "../gateway/service.ts";
import type { RawRequest } from "../gateway/verify-signature.ts";
import type { Iam } from "../iam/iam.ts";
import type { Kms } from "../kms.ts";
import type { LogGroups } from "../logs.ts";
import { createClientTokens } from "./client-tokens.ts";
import { createFaults, type Fault } from "./faults.ts";
import type { GuestFactory } from "./guest.ts";
import { imageOperations } from "./image-operations.ts";
import { createImages, type Images } from "./images.ts";
import { type Machine, stateOf } from "./machine.ts";
import { machineOperations } from "./machine-operations.ts";
import { createMachines, type Machines } from "./machines.ts";
import { createNetworkConnectors, type NetworkConnectors } from "./network-connectors.ts";
import { createRateLimiter, DEFAULT_RATES, type Rate } from "./rates.ts";
import { findRoute, type Route } from "./routes.ts";
import { runMicrovm } from "./run-microvm.ts";

export interface MicrovmOptions {
  /** `off`: no operation is throttled. */
  rates?: "off" | Readonly<Record<string, Rate>>;
  memoryQuotaMib?: number;
  bootDelayMs?: number;
  terminateDelayMs?: number;
  buildDelayMs?: number;
  deleteDelayMs?: number;
  connectorDelayMs?: number;
  hookRetryMs?: number;
  getLagMs?: number;
  deadRetentionMs?: number;
  endsWithProcess?: boolean;
}

export interface MicrovmService {
  readonly service: Service;
  readonly images: Images;
  readonly connectors: NetworkConnectors;
  /** Every MicroVM ever launched, oldest first. */
  machines(): readonly Machine[];
  /** Those that still bill. */
  alive(): readonly Machine[];
  /** Lets coming calls of an operation fail, or take effect without an answer. */
  failNext(operation: string, fault: Fault, times?: number): void;
  /** One of them ends by itself, as when its host fails. */
  die(microvmId: string): void;
  /** Leaves no guest behind, not even one that is just being started. */
  terminateAll(): Promise<void>;
}

export interface MicrovmDeps {
  account: Account;
  clock: LabClock;
  events: EventLog;
  iam: Iam;
  kms: Kms;
  logs: LogGroups;
  guests: GuestFactory;
  readObject(bucket: string, key: string): Promise<Uint8Array | undefined>;
}

type Operation = (context: CallContext, route: Route, body: Record<string, unknown>) => Promise<unknown>;

/** The Lambda MicroVMs service. */
export function createMicrovmService(deps: MicrovmDeps, options: MicrovmOptions = {}): MicrovmService {
  const machines: Machines = createMachines({
    ...deps,
    bootDelayMs: options.bootDelayMs ?? 20,
    terminateDelayMs: options.terminateDelayMs ?? 20,
    endsWithProcess: options.endsWithProcess ?? false,
  });
  const alive = () => machines.all().filter((machine) => stateOf(machine) !== "TERMINATED");
  const images = createImages({
    ...deps,
    buildDelayMs: options.buildDelayMs ?? 20,
    deleteDelayMs: options.deleteDelayMs ?? 20,
    hookRetryMs: options.hookRetryMs ?? 100,
    inUse: (arn) => alive().some((machine) => machine.imageArn === arn),
  });
  const connectors = createNetworkConnectors({ ...deps, delayMs: options.connectorDelayMs ?? 20 });
  const faults = createFaults();
  const limit = createRateLimiter(deps.clock, options.rates === "off" ? {} : (options.rates ?? DEFAULT_RATES));
  const runDeps = {
    ...deps,
    images,
    connectors,
    machines,
    tokens: createClientTokens<Record<string, unknown>>(),
    memoryQuotaMib: options.memoryQuotaMib ?? 400 * 1_024,
  };
  const operations: Record<string, Operation> = {
    RunMicrovm: (context, _route, body) => runMicrovm(runDeps, context, body),
    ...machineOperations({
      clock: deps.clock,
      machines,
      getLagMs: options.getLagMs ?? 0,
      deadRetentionMs: options.deadRetentionMs ?? 24 * 60 * 60 * 1_000,
    }),
    ...imageOperations({ account: deps.account, clock: deps.clock, images }),
  };

  async function perform(request: RawRequest, context: CallContext) {
    const route = findRoute(request.method, request.target);
    const operation = operations[route.operation];
    if (operation === undefined) {
      throw new AwsError("UnknownOperationException", 404, `the lab has no operation ${route.operation}`);
    }
    limit(route.operation);
    const fault = faults.take(route.operation);
    if (fault instanceof AwsError) throw fault;
    const body = await operation(context, route, jsonBody(request));
    if (fault === "timeout-after-effect") throw new NoAnswer();
    return jsonReply(route.operation === "CreateMicrovmImage" ? 201 : 200, body);
  }

  return {
    service: {
      protocol: "rest-json",
      operationOf: (request) => findRoute(request.method, request.target).operation,
      perform,
    },
    images,
    connectors,
    machines: () => machines.all(),
    alive,
    failNext: faults.failNext,
    die(microvmId) {
      const machine = machines.all().find(({ id }) => id === microvmId);
      if (machine === undefined) return;
      machines.terminate(machine, "An internal error ended the MicroVM.");
      machine.guest?.kill();
    },
    async terminateAll() {
      for (const machine of machines.all()) {
        machines.terminate(machine);
        machine.guest?.kill();
      }
      await machines.booted();
    },
  };
}
