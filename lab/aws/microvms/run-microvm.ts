import type { Account } from "../account.ts";
import type { CallContext } from "../gateway/service.ts";
import type { Iam } from "../iam/iam.ts";
import type { ClientTokens } from "./client-tokens.ts";
import { managedConnector } from "./connectors.ts";
import { microvmErrors } from "./errors.ts";
import { type Images, versionToRun } from "./images.ts";
import { machineView, stateOf } from "./machine.ts";
import type { Machines } from "./machines.ts";
import type { NetworkConnectors } from "./network-connectors.ts";
import { checkPassRole } from "./pass-role.ts";
import { readRunRequest } from "./run-request.ts";

export interface RunDeps {
  account: Account;
  iam: Iam;
  images: Images;
  connectors: NetworkConnectors;
  machines: Machines;
  tokens: ClientTokens<Record<string, unknown>>;
  memoryQuotaMib: number;
}

const IMAGE_ARN = /^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:[a-z0-9]+:microvm-image:[a-zA-Z0-9-_]+$/;

/**
 * Authorises a call on an image; an identifier of another form is refused as a missing permission (microvm-platform 1).
 */
export async function authorizeImage(context: CallContext, action: string, imageArn: string): Promise<void> {
  if (!IMAGE_ARN.test(imageArn)) {
    throw microvmErrors.accessDenied(
      `User: ${context.caller.roleName} is not authorized to perform: lambda:${action} on resource: ${imageArn}`,
    );
  }
  await context.authorize({ action: `lambda:${action}`, resource: imageArn });
}

/** RunMicrovm. */
export async function runMicrovm(
  deps: RunDeps,
  context: CallContext,
  body: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const request = readRunRequest(deps.account, body);
  await authorizeImage(context, "RunMicrovm", request.imageArn);
  const connectors = [
    ...(request.ingress ?? [managedConnector(deps.account, "HTTP_INGRESS")]),
    ...(request.egress ?? [managedConnector(deps.account, "INTERNET_EGRESS")]),
  ];
  // Needed for the default connectors as well (microvm-platform 1.8).
  for (const connector of new Set(connectors)) {
    await context.authorize({ action: "lambda:PassNetworkConnector", resource: connector });
    deps.connectors.requireUsable(connector);
  }
  if (request.executionRoleArn !== undefined) {
    await checkPassRole(deps.iam, context.caller, request.executionRoleArn);
  }
  // No waiting from here on: of two calls with one token that arrive together, one makes the MicroVM.
  const earlier = deps.tokens.replay(request.clientToken, body);
  if (earlier !== undefined) return earlier;
  const version = versionToRun(deps.images, request.imageArn, request.imageVersion);
  if (request.runHookPayload !== undefined && !version.config.hooks.run.enabled) {
    throw microvmErrors.validation("The run hook must be enabled in the MicroVM image to pass the run hook payload");
  }
  const used = deps.machines
    .all()
    .filter((machine) => stateOf(machine) !== "TERMINATED")
    .reduce((sum, machine) => sum + machine.version.config.memoryMib, 0);
  if (used + version.config.memoryMib > deps.memoryQuotaMib) {
    throw microvmErrors.quotaExceeded(
      "The base maximum allocated memory limit has been reached for this account.",
      "L-CD1C0CC4",
    );
  }
  const response = machineView(deps.machines.start(request, version));
  deps.tokens.remember(request.clientToken, body, response);
  return response;
}
