import { execFile } from "node:child_process";
import { chmod, cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAccountWriter } from "../../cli/aws/account-writer.ts";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import type { Known } from "../../cli/core/finding.ts";
import { readInstallation, readUnreached } from "../../cli/github/app-access.ts";
import { askWithToken } from "../../cli/github/ask-github.ts";
import { appAccess } from "../../cli/setup/app-access.ts";
import { findTool } from "../../cli/setup/find-tool.ts";
import { UsageError } from "../../cli/usage-error.ts";
import type { Environment } from "../../dispatcher/config.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { sleepFor } from "../sleep.ts";
import type { Pace, World } from "../world.ts";
import { runTerraform } from "./run-terraform.ts";
import { createScratchRepository } from "./scratch-repository.ts";

export interface AccountOptions {
  access: AwsAccess;
  environment: Environment;
  /** The scratch repository, `OWNER/REPO`. */
  repository: string;
  appId: string;
  /** Path of the App's key, or `ssm:` and the name of the parameter that holds it. */
  key: string;
  token: string;
  prefix: string;
  /** Where Terraform works, and keeps its state. */
  folder: string;
}

const API = "https://api.github.com";
const EXAMPLE = "examples/github-app";
/** A job may run for 20 minutes in which nothing is heard of it. */
const PACE: Pace = {
  lookMs: 15_000,
  silenceMs: 30 * 60_000,
  settleMs: 15_000,
  tokenAgesMs: [0, 60_000, 300_000, 900_000],
};

/** An AWS account and github.com. Throws a UsageError that says what is missing. */
export async function openAccountWorld(options: AccountOptions): Promise<World> {
  const { access, environment, repository, token, folder, prefix } = options;
  const root = join(folder, EXAMPLE);
  const tool = await findTool(root, { ...environment });
  if (tool === undefined) throw new UsageError("neither terraform nor tofu is on the PATH");
  const github = askWithToken(API, token);
  const never = new AbortController().signal;
  const scratch = createScratchRepository(github, {
    ...{ repository, branch: `smoke-${prefix}` },
    wait: () => sleepFor(3_000, never),
  });
  return {
    ...{ kind: "account", access, environment, repository, github, githubToken: token, pace: PACE },
    now: () => new Date(),
    sleep: sleepFor,
    configure: (files) => prepareFolder(options, files),
    terraform: (args, as, signal) => runTerraform(args, { tool: tool.name, folder: root, environment, as, signal }),
    begin: (kind, labels) => scratch.begin(kind, labels),
    cancel: (runId) => scratch.cancel(runId),
    cancelRest: () => scratch.cancelAll(),
    lacking: async () => [...(await appLacks(options)), ...(await scratch.lacking())],
    tidy: () => scratch.deleteBranch(),
  };
}

/** The example beside the module, with the caller's values; a state that is there stays. */
async function prepareFolder(options: AccountOptions, files: Readonly<Record<string, string>>): Promise<void> {
  const { access, repository, appId, folder } = options;
  const owner = repository.split("/")[0] ?? "";
  const pem = await readKey(options);
  const installation = known(await readInstallation(appAccess(API, owner, appId, pem)));
  // Not whole folders: whoever tried the example in its own has a state there, of another deployment.
  const { stdout } = await promisify(execFile)("git", ["ls-files", "-z", "module", EXAMPLE], { cwd: PROJECT_ROOT });
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    await cp(join(PROJECT_ROOT, file), join(folder, file));
  }
  const root = join(folder, EXAMPLE);
  await writeFile(join(root, "app.pem"), pem, { mode: 0o600 });
  await chmod(join(root, "app.pem"), 0o600);
  const variables = {
    ...{ region: access.region, github_organization: owner, github_app_id: appId },
    github_app_installation_id: String(installation.id),
  };
  await writeFile(join(root, "smoke.auto.tfvars.json"), JSON.stringify(variables));
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
}

/** Why the App cannot be worked with, each reason in a sentence. */
async function appLacks(options: AccountOptions): Promise<string[]> {
  const { repository, appId } = options;
  const [owner = "", name = ""] = repository.split("/");
  const app = appAccess(API, owner, appId, await readKey(options));
  if (known(await readInstallation(app)).suspended) return [`the App is suspended in ${owner}`];
  const unreached = known(await readUnreached(app, [name]));
  return unreached.map((each) => `the App is not installed in ${each}`);
}

function known<Value>(found: Known<Value>): Value {
  if ("value" in found) return found.value;
  throw new UsageError("skip" in found ? found.skip : found.fail);
}

async function readKey({ access, environment, key }: AccountOptions): Promise<string> {
  const [, name] = /^ssm:(.+)$/.exec(key) ?? [];
  if (name === undefined) {
    return readFile(key, "utf8").catch(() => {
      throw new UsageError(`the App's key cannot be read from ${key}`);
    });
  }
  const found = await createAccountWriter(access, environment).parameter(name);
  if (found === undefined) throw new UsageError(`there is no SSM parameter ${name}`);
  return found;
}
