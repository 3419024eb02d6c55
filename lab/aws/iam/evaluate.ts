import { type RequestAnalysis, runSimulation, runUnsafeSimulation, type Simulation } from "@cloud-copilot/iam-simulate";
import type { PolicyDocument } from "./role-store.ts";

export interface EvaluationInput {
  /** ARN of an assumed role, a service principal, or `*` for anybody. */
  principal: string;
  action: string;
  resource: string;
  accountId: string;
  context: Record<string, string | string[]>;
  identityPolicies: ReadonlyMap<string, PolicyDocument>;
  boundary?: PolicyDocument | undefined;
  resourcePolicy?: PolicyDocument | undefined;
}

export type Verdict = "allowed" | "implicitly-denied" | "explicitly-denied" | "outside-boundary" | "denied-by-boundary";

/**
 * Actions for which the service authorization reference names no resource, although the service checks one
 * (microvm-platform 1.8: scoping PassNetworkConnector by connector ARN works live); the simulator's check against the
 * reference would refuse the request itself.
 */
const BEYOND_THE_REFERENCE = new Set(["lambda:PassNetworkConnector"]);

/**
 * The simulator fills in the variable part of a condition key behind a slash only, and drops
 * `kms:EncryptionContext:aws:sqs:arn` and its like from a request. So they are evaluated under a name of the other
 * form, in the request and in all policies.
 */
function withEncryptionContext(simulation: Simulation): Simulation {
  const text = JSON.stringify(simulation);
  return text.includes("kms:EncryptionContext:")
    ? JSON.parse(text.replaceAll("kms:EncryptionContext:", "aws:PrincipalTag/kms:"))
    : simulation;
}

/** Decides a request as IAM does within one account. */
export async function evaluate(input: EvaluationInput): Promise<Verdict> {
  const simulation: Simulation = {
    request: {
      principal: input.principal,
      action: input.action,
      resource: { resource: input.resource, accountId: input.accountId },
      contextVariables: input.context,
    },
    identityPolicies: [...input.identityPolicies].map(([name, policy]) => ({ name, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: input.resourcePolicy,
    ...(input.boundary ? { permissionBoundaryPolicies: [{ name: "boundary", policy: input.boundary }] } : {}),
  };
  if (BEYOND_THE_REFERENCE.has(input.action)) {
    return verdictOf(String(runUnsafeSimulation(simulation, {})));
  }
  const result = await runSimulation(withEncryptionContext(simulation), {});
  if (result.resultType === "error") {
    throw new Error(
      `cannot evaluate ${input.action} on ${input.resource}: ${JSON.stringify(result.errors)}; correct the policy or the lab's mapping of the call`,
    );
  }
  const verdict = verdictOf(result.overallResult);
  return verdict === "allowed" || result.resultType !== "single"
    ? verdict
    : (boundaryVerdict(result.result.analysis) ?? verdict);
}

/** What IAM says of a boundary, where the policies of the role alone would have let the request pass. */
function boundaryVerdict({ identityAnalysis, permissionBoundaryAnalysis }: RequestAnalysis): Verdict | undefined {
  if (identityAnalysis?.result !== "Allowed") return undefined;
  if (permissionBoundaryAnalysis?.result === "ExplicitlyDenied") return "denied-by-boundary";
  return permissionBoundaryAnalysis?.result === "ImplicitlyDenied" ? "outside-boundary" : undefined;
}

function verdictOf(result: string): Verdict {
  if (result === "Allowed") return "allowed";
  return result === "ExplicitlyDenied" ? "explicitly-denied" : "implicitly-denied";
}
