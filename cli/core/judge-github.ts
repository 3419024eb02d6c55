import {
  GROUP_RUNNERS,
  MANAGED_HOOKS,
  type PermissionRequest,
  permissionLabel,
  REPOSITORY_RUNNERS,
  requested,
} from "../../contract/permissions.ts";
import { type Finding, judge, type Known } from "./finding.ts";

export interface InstallationView {
  id: number;
  account: string;
  suspended: boolean;
  /** Whether it reaches all repositories of the account. */
  all: boolean;
  permissions: Readonly<Record<string, string>>;
}

export interface HookView {
  /** Absent where GitHub does not say, as of an App's own webhook. */
  active?: boolean;
  url: string;
  contentType: string;
  /** Absent as `active`. */
  events?: readonly string[];
}

export interface AttemptView {
  /** Equal for all attempts at one delivery. */
  guid: string;
  statusCode: number;
  deliveredAt: Date;
}

/** Which webhooks bring the jobs: of the organization, of repositories, or none that Terraform manages. */
export type HookKind = "organization" | "repository" | "app";

export const TITLES = { app: "GitHub App", installation: "Installation" } as const;

/** Whether GitHub takes the App's key. */
export function judgeApp(app: Known<string>): Finding {
  return judge("github.app", TITLES.app, app, (name) => ({ pass: `GitHub takes the key of ${name}` }));
}

/** Whether the App is installed where the jobs are. */
export function judgeInstallation(installation: Known<InstallationView>, owner: string): Finding {
  return judge("github.installation", TITLES.installation, installation, ({ id, account, suspended }) => {
    if (account.toLowerCase() !== owner.toLowerCase()) {
      return {
        fail: `installation ${id} is in ${account}, but ${owner} is served`,
        fix: `set github_app.installation_id to the number at the end of the App's installation page in ${owner}`,
      };
    }
    if (suspended) {
      return {
        fail: `installation ${id} is suspended`,
        fix: `unsuspend it: ${owner}'s settings, GitHub Apps, Configure`,
      };
    }
    return { pass: `installation ${id} in ${account}` };
  });
}

/** What the installation must allow. */
export function permissionsNeeded(hooks: HookKind, inGroup: boolean): PermissionRequest {
  return { ...(inGroup ? GROUP_RUNNERS : REPOSITORY_RUNNERS), ...(hooks === "app" ? {} : MANAGED_HOOKS[hooks]) };
}

/** Whether the installation allows what is needed. */
export function judgePermissions(installation: Known<InstallationView>, needed: PermissionRequest): Finding {
  return judge("github.permissions", "App's permissions", installation, ({ permissions }) => {
    const all = requested(needed);
    const missing = all.filter(([name, access]) => permissions[name] !== "write" && permissions[name] !== access);
    if (missing.length === 0) return { pass: listed(all) };
    const wanted = missing.map(([name, access]) => permissionLabel(name, access));
    return {
      fail: `missing: ${listed(missing)}`,
      fix: `give the App ${wanted.join("; ")}, then accept the change in the installation`,
    };
  });
}

function listed(permissions: readonly (readonly [string, string])[]): string {
  return permissions.map(([name, access]) => `${name}: ${access}`).join(", ");
}

/** Whether the installation reaches the repositories; `unreached` are those of the inputs that it does not. */
export function judgeRepositories(
  reach: Known<{ installation: InstallationView; named: readonly string[]; unreached: readonly string[] }>,
): Finding {
  return judge("github.repositories", "Repositories", reach, ({ installation, named, unreached }) => {
    if (unreached.length > 0) {
      return {
        fail: `the App is not installed in ${shortened(unreached)}`,
        fix: `add the repository in the App's installation (${installation.account}'s settings, GitHub Apps, Configure)`,
      };
    }
    if (named.length > 0) return { pass: `all ${named.length} of github_repositories are reached` };
    return {
      pass: installation.all ? "all of the account are reached" : "the repositories chosen in the installation",
    };
  });
}

/** Whether each webhook leads to the function. */
export function judgeHooks(hooks: readonly { name: string; view: Known<HookView> }[], functionUrl: string): Finding {
  const findings = hooks.map(({ name, view }) =>
    judge("github.webhook", "Webhook", view, (hook) => {
      const wrong = problemOf(hook, functionUrl);
      if (wrong === undefined) return { pass: `${name} leads to the function` };
      return { fail: `${name} ${wrong}`, fix: "terraform apply sets it again; one made by hand: in GitHub's settings" };
    }),
  );
  return summed(findings) ?? { check: "github.webhook", title: "Webhook", outcome: "skip", text: "none is known" };
}

function problemOf({ active, url, contentType, events }: HookView, functionUrl: string): string | undefined {
  if (active === false) return "is switched off";
  if (trimmed(url) !== trimmed(functionUrl)) return `leads to ${url}, not to ${functionUrl}/`;
  if (contentType !== "json") return `has the content type ${contentType}, not json`;
  if (events !== undefined && !events.includes("workflow_job") && !events.includes("*"))
    return "does not send the event workflow_job";
  return undefined;
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}

/** Whether deliveries of the last day arrived; a delivery that was sent again counts by its best attempt. */
export function judgeDeliveries(attempts: Known<readonly AttemptView[]>, prefix: string, now: Date): Finding {
  return judge("github.deliveries", "Deliveries", attempts, (all) => {
    const recent = all.filter(({ deliveredAt }) => now.getTime() - deliveredAt.getTime() < DAY_MS);
    const byGuid = Map.groupBy(recent, ({ guid }) => guid);
    const failed = [...byGuid.values()].filter((tries) => !tries.some(({ statusCode }) => isSuccess(statusCode)));
    if (failed.length === 0) return { pass: `${byGuid.size} in the last 24 hours, none failed` };
    const codes = [...new Set(failed.map(([last]) => last?.statusCode ?? 0))].sort((a, b) => a - b);
    return {
      fail: `${failed.length} of ${byGuid.size} in the last 24 hours failed, with ${codes.map(codeName).join(", ")}`,
      fix: codes.map((code) => deliveryFix(code, prefix)).join("; "),
    };
  });
}

const DAY_MS = 86_400_000;

function isSuccess(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function codeName(code: number): string {
  return code === 0 ? "no answer" : `status ${code}`;
}

function deliveryFix(code: number, prefix: string): string {
  if (code === 401) return "401: the webhook's secret differs, terraform apply sets it again";
  if (code === 403) return "403: the function URL needs both of its permissions, use hashicorp/aws 6.29 or later";
  return `${codeName(code)}: see aws logs tail /aws/lambda/${prefix}-webhook; failed ones are sent again for 24 hours`;
}

/** One finding for several of the same check: the first that failed stands for all. */
function summed(findings: readonly Finding[]): Finding | undefined {
  const failed = findings.filter(({ outcome }) => outcome === "fail");
  const skipped = findings.filter(({ outcome }) => outcome === "skip");
  const [worst] = [...failed, ...skipped, ...findings];
  if (worst === undefined || findings.length === 1) return worst;
  if (worst.outcome === "pass") return { ...worst, text: `all ${findings.length} lead to the function` };
  const count = worst.outcome === "fail" ? failed.length : skipped.length;
  return { ...worst, text: `${worst.text} (${count} of ${findings.length} webhooks)` };
}

function shortened(names: readonly string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
