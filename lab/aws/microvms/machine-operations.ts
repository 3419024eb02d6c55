import { randomBytes } from "node:crypto";
import type { LabClock } from "../clock.ts";
import type { CallContext } from "../gateway/service.ts";
import { checkInteger, checkList, requireString, SHAPES } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";
import { type Machine, machineView, stateAt, stateOf } from "./machine.ts";
import type { Machines } from "./machines.ts";
import { paginate } from "./paginate.ts";
import type { Route } from "./routes.ts";
import { authorizeImage } from "./run-microvm.ts";
import { requireImageArn } from "./run-request.ts";

export interface MachineOperationsOptions {
  clock: LabClock;
  machines: Machines;
  /** How far Get and List lag behind (microvm-platform 1.4: eventually consistent). */
  getLagMs: number;
  /** How long a dead MicroVM stays readable; about a day in reality (microvm-platform 1.3). */
  deadRetentionMs: number;
}

type Body = Record<string, unknown>;

/** The operations on MicroVMs that exist, by name. */
export function machineOperations(options: MachineOperationsOptions) {
  const { clock, machines } = options;

  const forgotten = (machine: Machine) =>
    machine.terminatedAt !== undefined && clock.now() - machine.terminatedAt > options.deadRetentionMs;

  // There is no resource for a MicroVM in IAM: a call is authorised on the image it was launched from (1.8).
  async function known(context: CallContext, route: Route): Promise<Machine> {
    const id = requireString("microvmIdentifier", route.parameters.microvmIdentifier, SHAPES.microvmIdentifier);
    const machine = machines.find(id);
    if (machine === undefined || forgotten(machine)) {
      throw microvmErrors.notFound(`MicroVM ${id} not found`, id, "microvm");
    }
    await authorizeImage(context, context.operation, machine.imageArn);
    return machine;
  }

  const visibleState = (machine: Machine) => stateAt(machine, clock.now() - options.getLagMs);

  function token(machine: Machine, body: Body, needed: string[]): Body {
    const minutes = checkInteger("expirationInMinutes", body.expirationInMinutes, 1, 60);
    if (minutes === undefined) {
      throw microvmErrors.validation(
        "Value at 'expirationInMinutes' failed to satisfy constraint: Member must not be null",
      );
    }
    const state = stateOf(machine);
    if (state === "TERMINATING" || state === "TERMINATED") {
      throw microvmErrors.conflict(`MicroVM is in state ${state}`, machine.id, "microvm");
    }
    if (!needed.every((name) => machine.ingress.some((arn) => arn.endsWith(`:${name}`)))) {
      throw microvmErrors.validation(`The MicroVM has no ingress network connector ${needed.join(" and ")}`);
    }
    return { authToken: { "X-aws-proxy-auth": randomBytes(32).toString("base64url") } };
  }

  return {
    GetMicrovm: async (context: CallContext, route: Route) => {
      const machine = await known(context, route);
      return machineView(machine, visibleState(machine));
    },
    // Also for a MicroVM that is gone: the operation is idempotent.
    TerminateMicrovm: async (context: CallContext, route: Route) => {
      machines.terminate(await known(context, route));
      return {};
    },
    SuspendMicrovm: async (context: CallContext, route: Route) => {
      machines.suspend(await known(context, route));
      return {};
    },
    ResumeMicrovm: async (context: CallContext, route: Route) => {
      machines.resume(await known(context, route));
      return {};
    },
    CreateMicrovmAuthToken: async (context: CallContext, route: Route, body: Body) => {
      const machine = await known(context, route);
      if ((checkList("allowedPorts", body.allowedPorts, 100) ?? []).length === 0) {
        throw microvmErrors.validation(
          "Value at 'allowedPorts' failed to satisfy constraint: Member must not be empty",
        );
      }
      const all = machine.ingress.some((arn) => arn.endsWith(":ALL_INGRESS"));
      return token(machine, body, all ? [] : ["HTTP_INGRESS"]);
    },
    // ALL_INGRESS alone is not enough for a shell (microvm-platform 2.7).
    CreateMicrovmShellAuthToken: async (context: CallContext, route: Route, body: Body) =>
      token(await known(context, route), body, ["HTTP_INGRESS", "SHELL_INGRESS"]),
    ListMicrovms: async (context: CallContext, route: Route) => {
      await context.authorize({ action: "lambda:ListMicrovms", resource: "*" });
      const image = route.query.get("imageIdentifier");
      if (image !== null) requireImageArn(image);
      const version = route.query.get("imageVersion");
      const items = machines
        .all()
        .filter((machine) => !forgotten(machine))
        .filter((machine) => image === null || machine.imageArn === image)
        .filter((machine) => version === null || machine.version.version === version)
        .map((machine) => ({
          microvmId: machine.id,
          state: visibleState(machine),
          imageArn: machine.imageArn,
          imageVersion: machine.version.version,
          startedAt: machine.startedAt / 1_000,
        }));
      return paginate(items, route.query);
    },
  };
}
