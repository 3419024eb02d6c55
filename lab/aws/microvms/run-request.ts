import type { Account } from "../account.ts";
import { readConnectors } from "./connectors.ts";
import { checkInteger, checkObject, checkString, requireString, SHAPES } from "./constraints.ts";
import { microvmErrors } from "./errors.ts";
import { type Logging, readLogging } from "./logging.ts";

export interface IdlePolicy {
  maxIdleDurationSeconds: number;
  suspendedDurationSeconds: number;
  autoResumeEnabled: boolean;
}

export interface RunRequest {
  imageArn: string;
  imageVersion?: string;
  executionRoleArn?: string;
  ingress?: string[];
  egress?: string[];
  idlePolicy?: IdlePolicy;
  logging?: Logging;
  runHookPayload?: string;
  maximumDurationInSeconds?: number;
  clientToken?: string;
}

const MAX_DURATION_SECONDS = 28_800;

/** Reads RunMicrovm's input: the checks that need neither an image nor a permission (microvm-platform 1.2). */
export function readRunRequest(account: Account, body: Record<string, unknown>): RunRequest {
  const imageArn = requireString("imageIdentifier", body.imageIdentifier, SHAPES.imageIdentifier);
  const optional = {
    imageVersion: checkString("imageVersion", body.imageVersion, SHAPES.version),
    executionRoleArn: checkString("executionRoleArn", body.executionRoleArn, SHAPES.roleArn),
    idlePolicy: readIdlePolicy(body.idlePolicy),
    logging: readLogging(body.logging),
    // Before the image is looked at (microvm-platform 2.1).
    runHookPayload: checkString("runHookPayload", body.runHookPayload, SHAPES.runHookPayload),
    maximumDurationInSeconds: checkInteger(
      "maximumDurationInSeconds",
      body.maximumDurationInSeconds,
      1,
      MAX_DURATION_SECONDS,
    ),
    clientToken: checkString("clientToken", body.clientToken, SHAPES.clientToken),
    ingress: readConnectors(account, "ingressNetworkConnectors", body.ingressNetworkConnectors, "ingress", 10),
    egress: readConnectors(account, "egressNetworkConnectors", body.egressNetworkConnectors, "egress", 10),
  };
  requireImageArn(imageArn);
  if (optional.logging !== undefined && optional.executionRoleArn === undefined) {
    throw microvmErrors.validation("Logging cannot be enabled without providing executionRoleArn");
  }
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { imageArn, ...given };
}

/** The model says "ARN or ID"; a bare name is refused all the same (microvm-platform 1.2). */
export function requireImageArn(identifier: string): void {
  if (!identifier.startsWith("arn:")) {
    throw microvmErrors.validation("Malformed ARN - doesn't start with 'arn:'");
  }
}

function readIdlePolicy(value: unknown): IdlePolicy | undefined {
  const policy = checkObject("idlePolicy", value);
  if (policy === undefined) return undefined;
  const maxIdleDurationSeconds = checkInteger(
    "idlePolicy.maxIdleDurationSeconds",
    policy.maxIdleDurationSeconds,
    60,
    MAX_DURATION_SECONDS,
  );
  const suspendedDurationSeconds = checkInteger(
    "idlePolicy.suspendedDurationSeconds",
    policy.suspendedDurationSeconds,
    0,
    MAX_DURATION_SECONDS,
  );
  const { autoResumeEnabled } = policy;
  if (maxIdleDurationSeconds === undefined || suspendedDurationSeconds === undefined) {
    throw microvmErrors.validation(
      "Value at 'idlePolicy' failed to satisfy constraint: maxIdleDurationSeconds, suspendedDurationSeconds and autoResumeEnabled must not be null",
    );
  }
  if (typeof autoResumeEnabled !== "boolean") {
    throw microvmErrors.validation(
      "Value at 'idlePolicy.autoResumeEnabled' failed to satisfy constraint: Member must not be null",
    );
  }
  return { maxIdleDurationSeconds, suspendedDurationSeconds, autoResumeEnabled };
}
