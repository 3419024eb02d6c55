import type { Iam, IamDecision } from "../../lab/aws/iam/iam.ts";
import type { PolicyDocument } from "../../lab/aws/iam/role-store.ts";

/** One action on one resource that a policy of a role allows. */
export interface Grant {
  role: string;
  action: string;
  resource: string;
  /** Services through which alone it may be used (`kms:ViaService`). */
  via?: string[];
}

/** A grant that is as it is for a reason, although no scenario uses it or although it holds a wildcard. */
export interface Exception {
  /** What follows the name prefix in the role's name. */
  role: string;
  action: string;
  /** Matches the resource of the grant. */
  resource: RegExp;
  reason: string;
}

export type FindingKind =
  | "granted but not used"
  | "wider than what is used"
  | "used but not granted"
  | "exception without a grant";

export interface Finding {
  kind: FindingKind;
  role: string;
  action: string;
  resource: string;
  via?: string[];
}

/** What one role may do and what was done with it. */
export interface RolePrivileges {
  role: string;
  granted: Grant[];
  used: Grant[];
  /** Grants that an exception covers. */
  excepted: Grant[];
  /** Different calls that IAM allowed. */
  calls: number;
}

export interface PrivilegeReport {
  roles: RolePrivileges[];
  findings: Finding[];
}

/** Holds what the policies of every role grant against every decision that IAM has made. */
export function reportPrivileges(
  iam: Pick<Iam, "roles" | "decisions">,
  exceptions: readonly Exception[] = [],
): PrivilegeReport {
  const findings: Finding[] = [];
  const needed = new Set<Exception>();
  const roles = iam.roles.all().map(({ name, policies }): RolePrivileges => {
    const decisions = iam.decisions().filter(({ role }) => role === name);
    const granted = [...policies.values()].flatMap((policy) => grantsOf(name, policy));
    const used: Grant[] = [];
    const excepted: Grant[] = [];
    for (const grant of granted) {
      const isUsed = decisions.some((decision) => decision.allowed && covers(grant, decision));
      if (isUsed) used.push(grant);
      if (isUsed && !isWide(grant)) continue;
      const exception = exceptions.find((candidate) => excepts(candidate, grant));
      if (exception !== undefined) {
        needed.add(exception);
        excepted.push(grant);
      } else {
        findings.push({ kind: isUsed ? "wider than what is used" : "granted but not used", ...grant });
      }
    }
    const allowed = distinct(decisions.filter(({ allowed }) => allowed));
    for (const { action, resource, via } of distinct(decisions.filter(({ allowed }) => !allowed))) {
      const through = via === undefined ? {} : { via: [via] };
      findings.push({ kind: "used but not granted", role: name, action, resource, ...through });
    }
    return { role: name, granted, used, excepted, calls: allowed.length };
  });
  for (const exception of exceptions) {
    if (needed.has(exception)) continue;
    const { role, action, resource } = exception;
    findings.push({ kind: "exception without a grant", role, action, resource: String(resource) });
  }
  return { roles, findings };
}

/** The report as a table with one line for each role, and the findings below it. */
export function printPrivileges({ roles, findings }: PrivilegeReport): string {
  const rows = [
    ["role", "actions granted", "actions used", "grants", "used", "excepted", "calls"],
    ...roles.map(({ role, granted, used, excepted, calls }) =>
      [role, actions(granted), actions(used), granted.length, used.length, excepted.length, calls].map(String),
    ),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    ...lines,
    ...findings.map(({ kind, role, action, resource, via = [] }) =>
      [`${kind}: ${role} ${action} ${resource}`, ...via].join(" via "),
    ),
  ].join("\n");
}

function actions(grants: readonly Grant[]): number {
  return new Set(grants.map(({ action }) => action)).size;
}

interface Statement {
  Effect?: unknown;
  Action?: unknown;
  Resource?: unknown;
  Condition?: { StringEquals?: Record<string, unknown> };
}

// NotAction and NotResource grant whatever is not named: they count as a wildcard, which no use can justify.
function grantsOf(role: string, policy: PolicyDocument): Grant[] {
  return texts<Statement>(policy.Statement).flatMap((statement) => {
    if (statement.Effect !== "Allow") return [];
    const names = statement.Action === undefined ? ["*"] : texts<string>(statement.Action);
    const resources = statement.Resource === undefined ? ["*"] : texts<string>(statement.Resource);
    const via = viaOf(statement);
    return names.flatMap((action) => resources.map((resource) => ({ role, action, resource, ...via })));
  });
}

function texts<T>(value: unknown): T[] {
  // A policy's lists may be single values; the lab's IAM has checked the document when it was attached.
  return (Array.isArray(value) ? value : [value]) as T[];
}

function viaOf({ Condition: condition }: Statement): Pick<Grant, "via"> {
  const service = condition?.StringEquals?.["kms:ViaService"];
  return service === undefined ? {} : { via: texts<string>(service) };
}

// A grant for several services at once counts as used when one of them used it: each has a statement of its own.
function covers(grant: Grant, { action, resource, via }: Pick<IamDecision, "action" | "resource" | "via">): boolean {
  if (grant.via !== undefined && (via === undefined || !grant.via.includes(via))) return false;
  return matches(grant.action.toLowerCase(), action.toLowerCase()) && matches(grant.resource, resource);
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

function isWide({ action, resource }: Grant): boolean {
  return /[*?]/.test(action) || /[*?]/.test(resource);
}

function excepts(exception: Exception, grant: Grant): boolean {
  return (
    grant.role.endsWith(`-${exception.role}`) &&
    grant.action === exception.action &&
    exception.resource.test(grant.resource)
  );
}

function distinct(decisions: readonly IamDecision[]): IamDecision[] {
  return [...new Map(decisions.map((each) => [`${each.action}\n${each.resource}\n${each.via}`, each])).values()];
}
