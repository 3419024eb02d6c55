import { randomBytes } from "node:crypto";
import type { Account } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import type { LabClock } from "../clock.ts";
import { evaluate, type Verdict } from "./evaluate.ts";
import type { PolicyDocument } from "./policy-document.ts";
import { createRoleStore, type RoleStore } from "./role-store.ts";
import { SettlingPolicies } from "./settling-policies.ts";

/** Temporary credentials of a role's session, and how to end the process that holds them. */
export interface Caller {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  roleName: string;
  sessionName: string;
  kill?: (() => void) | undefined;
}

/** One decision of IAM. */
export interface IamDecision {
  at: number;
  role: string;
  action: string;
  resource: string;
  /** Service through which a key was used (`kms:ViaService`). */
  via?: string;
  allowed: boolean;
}

export interface AccessRequest {
  action: string;
  resource: string;
  context?: Record<string, string | string[]>;
  resourcePolicy?: PolicyDocument | undefined;
}

export interface Iam {
  readonly account: Account;
  readonly roles: RoleStore;
  /** Policies of resources, by the resource's ARN. */
  readonly resourcePolicies: Map<string, PolicyDocument>;
  /** Customer managed policies, by ARN. */
  readonly managedPolicies: Map<string, PolicyDocument>;
  issueCredentials(roleName: string, sessionName: string, kill?: () => void): Caller;
  revoke(accessKeyId: string): void;
  caller(accessKeyId: string): Caller | undefined;
  /** All credentials that were ever issued. */
  issued(): readonly Caller[];
  /** Decides and records; throws the AccessDeniedException that AWS would answer with. */
  authorize(caller: Pick<Caller, "roleName" | "sessionName">, request: AccessRequest): Promise<void>;
  /** Decides and records. */
  isAllowed(caller: Pick<Caller, "roleName" | "sessionName">, request: AccessRequest): Promise<boolean>;
  /** Whether a role lets a service take it on; the context is what the service sends along. */
  trusts(roleArn: string, service: string, action: string, context?: Record<string, string>): Promise<boolean>;
  /** Whether a resource's policy lets a service in. */
  serviceMay(principal: string, request: AccessRequest): Promise<boolean>;
  /** Whether a resource's policy lets anybody in. */
  allowsAnybody(resource: string, action: string, context: Record<string, string>): Promise<boolean>;
  decisions(): readonly IamDecision[];
}

/** IAM and STS of one account; a policy counts `settleMs` after it was written. */
export function createIam(account: Account, clock: LabClock, settleMs = 0): Iam {
  const roles = createRoleStore(account, () => new SettlingPolicies(clock, settleMs));
  const resourcePolicies = new Map<string, PolicyDocument>();
  const credentials = createCredentials();
  const decisions: IamDecision[] = [];
  const principalOf = (caller: Pick<Caller, "roleName" | "sessionName">) =>
    `arn:${account.partition}:sts::${account.accountId}:assumed-role/${caller.roleName}/${caller.sessionName}`;

  async function decide(caller: Pick<Caller, "roleName" | "sessionName">, request: AccessRequest): Promise<Verdict> {
    const role = roles.get(caller.roleName);
    const verdict = await evaluate({
      principal: principalOf(caller),
      action: request.action,
      resource: request.resource,
      accountId: account.accountId,
      // Every request to AWS carries these; a policy that refuses plain HTTP has to pass, because AWS is reached over
      // TLS.
      context: { "aws:SecureTransport": "true", "aws:RequestedRegion": account.region, ...request.context },
      identityPolicies: role?.policies.settled() ?? new Map(),
      boundary: role?.boundary,
      resourcePolicy: request.resourcePolicy ?? resourcePolicies.get(request.resource),
    });
    const via = request.context?.["kms:ViaService"];
    decisions.push({
      at: clock.now(),
      role: caller.roleName,
      action: request.action,
      resource: request.resource,
      ...(typeof via === "string" ? { via } : {}),
      allowed: verdict === "allowed",
    });
    return verdict;
  }

  const ofResources = resourceDecisions(account, resourcePolicies);
  return {
    account,
    roles,
    resourcePolicies,
    managedPolicies: new Map(),
    ...credentials,
    async authorize(caller, request) {
      const verdict = await decide(caller, request);
      if (verdict !== "allowed") throw accessDenied(principalOf(caller), request, verdict);
    },
    isAllowed: async (caller, request) => (await decide(caller, request)) === "allowed",
    async trusts(roleArn, service, action, context = {}) {
      const role = roles.byArn(roleArn);
      if (role === undefined) return false;
      return ofResources.serviceMay(service, { action, resource: roleArn, context, resourcePolicy: role.trust });
    },
    ...ofResources,
    decisions: () => decisions,
  };
}

function createCredentials(): Pick<Iam, "issueCredentials" | "revoke" | "caller" | "issued"> {
  const callers = new Map<string, Caller>();
  const issued: Caller[] = [];
  return {
    issueCredentials(roleName, sessionName, kill) {
      const caller: Caller = {
        accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString("base64"),
        sessionToken: randomBytes(96).toString("base64"),
        roleName,
        sessionName,
        kill,
      };
      callers.set(caller.accessKeyId, caller);
      issued.push(caller);
      return caller;
    },
    revoke: (accessKeyId) => void callers.delete(accessKeyId),
    caller: (accessKeyId) => callers.get(accessKeyId),
    issued: () => issued,
  };
}

/** What policies of resources say to those who have no policy of their own here. */
function resourceDecisions(
  account: Account,
  resourcePolicies: ReadonlyMap<string, PolicyDocument>,
): Pick<Iam, "serviceMay" | "allowsAnybody"> {
  return {
    async serviceMay(principal, { action, resource, context = {}, resourcePolicy }) {
      const verdict = await evaluate({
        principal,
        action,
        resource,
        accountId: account.accountId,
        context,
        identityPolicies: new Map(),
        resourcePolicy: resourcePolicy ?? resourcePolicies.get(resource),
      });
      return verdict === "allowed";
    },
    async allowsAnybody(resource, action, context) {
      const resourcePolicy = resourcePolicies.get(resource);
      if (resourcePolicy === undefined) return false;
      const verdict = await evaluate({
        principal: `arn:${account.partition}:iam::999999999999:user/anybody`,
        action,
        resource,
        accountId: account.accountId,
        context,
        identityPolicies: new Map([
          ["all", { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }],
        ]),
        resourcePolicy,
      });
      return verdict === "allowed";
    },
  };
}

function accessDenied(principal: string, { action, resource }: AccessRequest, verdict: Exclude<Verdict, "allowed">) {
  const because = {
    "explicitly-denied": "with an explicit deny in an identity-based policy",
    "denied-by-boundary": "with an explicit deny in a permissions boundary",
    "outside-boundary": `because no permissions boundary allows the ${action} action`,
    "implicitly-denied": `because no identity-based policy allows the ${action} action`,
  }[verdict];
  return new AwsError(
    "AccessDeniedException",
    403,
    `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${because}`,
  );
}
