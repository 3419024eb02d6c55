import * as v from "valibot";
import { dispatcherSecret } from "../../contract/secrets.ts";
import { parseSecret } from "../../dispatcher/config.ts";
import { readBody } from "../../dispatcher/github/read-body.ts";
import type { Deployment } from "../aws/find-deployment.ts";
import { hasFailed, printFindings } from "../core/print-findings.ts";
import { examine } from "../doctor.ts";
import type { AppAccess } from "../github/app-access.ts";
import { UsageError } from "../usage-error.ts";
import type { Outcome, SetupContext } from "./context.ts";
import { PLACEHOLDER_HOOK } from "./core/manifest.ts";
import type { SetupRecord } from "./core/setup-record.ts";

const hookConfig = v.object({ url: v.optional(v.string(), "") });

/** What is left once the module is applied: the App's own webhook, a look at everything, and a first job. */
export async function lastSteps(
  context: SetupContext,
  record: SetupRecord,
  access: AppAccess,
  deployment: Deployment,
): Promise<Outcome> {
  const { terminal, aws, environment, now } = context;
  if (record.webhook === "app") await leadHook(context, access, deployment);
  const githubToken = environment.GITHUB_TOKEN || undefined;
  const findings = await examine({ aws, deployment, githubToken, now });
  terminal.say(`${printFindings(findings)}\n`);
  // Whom the alarms tell is for later: the first job needs nobody.
  if (hasFailed(findings.filter(({ check }) => check !== "aws.alarm-actions"))) return 1;
  terminal.say(firstJob(record, deployment));
  return 0;
}

/** Leads the App's own webhook to the deployment: only over the placeholder, or over this deployment's own address. */
async function leadHook(
  { aws, terminal, region, place }: SetupContext,
  { ask, client }: AppAccess,
  { settings }: Deployment,
): Promise<void> {
  const url = `${settings.FINISH_BASE_URL}/`;
  const found = await ask("GET /app/hook/config");
  if ("failure" in found) throw new UsageError(`the App's webhook could not be read: ${found.failure.message}`);
  const before = readBody(hookConfig, "reading the App's webhook", found.body).url;
  if (before !== PLACEHOLDER_HOOK && before.replace(/\/+$/, "") !== settings.FINISH_BASE_URL) {
    throw new UsageError(
      `the App's webhook leads to ${before}: another deployment of this App. One App has one webhook: let Terraform manage ` +
        `one here (--webhook organization), or make another App for ${region}`,
    );
  }
  const secret = parseSecret(dispatcherSecret, settings.SECRET_PARAM, await aws.parameter(settings.SECRET_PARAM));
  const [newest] = secret.webhook_secrets;
  await client.asApp({
    route: "PATCH /app/hook/config",
    // As a body of its own: Octokit takes a parameter `url` for the address to send to.
    parameters: { data: { url, secret: newest, content_type: "json" } },
    repeatable: true,
    purpose: { what: `setting the App's webhook at ${place.htmlUrl}`, permission: "none" },
  });
  terminal.say(`The App's webhook leads to ${url}`);
}

/** A workflow to paste, and how to follow its job. */
function firstJob({ github, owner, repositories }: SetupRecord, { settings }: Deployment): string {
  const repository = repositories[0] ?? "REPOSITORY";
  return [
    `A first job: ${github}/${owner}/${repository}/new/HEAD, a file .github/workflows/microvm.yml with`,
    "",
    "  on: workflow_dispatch",
    "  jobs:",
    "    hello:",
    `      runs-on: [${settings.REQUIRED_LABELS.join(", ")}]`,
    "      steps:",
    "        - run: uname -a",
    "",
    "Run it from the Actions tab; gha-microvm where JOB-URL says where it is.",
  ].join("\n");
}
