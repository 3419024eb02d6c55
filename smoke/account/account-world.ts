import { spawn } from "node:child_process";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAccountWriter } from "../../cli/aws/account-writer.ts";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import { readInstallation } from "../../cli/github/app-access.ts";
import { askWithToken } from "../../cli/github/ask-github.ts";
import { appAccess } from "../../cli/setup/app-access.ts";
import { findTool } from "../../cli/setup/find-tool.ts";
import { UsageError } from "../../cli/usage-error.ts";
import type { Environment } from "../../dispatcher/config.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { sleepFor } from "../sleep.ts";
import type { Pace, Ran, World } from "../world.ts";
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
  const tool = await findTool(folder, { ...environment });
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
    terraform: (args, as, signal) => runTool(tool.name, args, { options, as, signal }),
    begin: (kind, labels) => scratch.begin(kind, labels),
    cancel: (runId) => scratch.cancel(runId),
    async tidy() {
      await scratch.deleteBranch();
      await rm(join(folder, EXAMPLE, "app.pem"), { force: true });
    },
  };
}

/** The example beside the module, with the caller's values; a state that is there stays. */
async function prepareFolder(options: AccountOptions, files: Readonly<Record<string, string>>): Promise<void> {
  const { access, environment, repository, appId, key, folder } = options;
  const owner = repository.split("/")[0] ?? "";
  const pem = await readKey(access, environment, key);
  const installation = await readInstallation(appAccess(API, owner, appId, pem));
  if (!("value" in installation)) throw new UsageError("skip" in installation ? installation.skip : installation.fail);
  for (const part of ["module", EXAMPLE]) {
    await mkdir(join(folder, part), { recursive: true });
    await cp(join(PROJECT_ROOT, part), join(folder, part), { recursive: true });
  }
  const root = join(folder, EXAMPLE);
  await writeFile(join(root, "app.pem"), pem, { mode: 0o600 });
  await chmod(join(root, "app.pem"), 0o600);
  const variables = {
    ...{ region: access.region, github_organization: owner, github_app_id: appId },
    github_app_installation_id: String(installation.value.id),
  };
  await writeFile(join(root, "smoke.auto.tfvars.json"), JSON.stringify(variables));
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
}

async function readKey(access: AwsAccess, environment: Environment, key: string): Promise<string> {
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

/** Terraform or OpenTofu with these credentials and no others; Ctrl-C lets it end what it is at. */
function runTool(
  tool: string,
  args: readonly string[],
  { options, as, signal }: { options: AccountOptions; as: AwsAccess; signal: AbortSignal },
): Promise<Ran> {
  const { accessKeyId, secretAccessKey, sessionToken = "" } = as.credentials;
  const { AWS_PROFILE: _, GITHUB_TOKEN: __, ...inherited } = options.environment;
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  // In a process group of its own, so that a terminal's Ctrl-C reaches it through us, and once.
  const child = spawn(tool, args, {
    cwd: join(options.folder, EXAMPLE),
    env: {
      ...inherited,
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken },
      ...{ AWS_REGION: as.region, TF_IN_AUTOMATION: "1" },
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const interrupt = () => void child.kill("SIGINT");
  // A signal that was given before tells no listener.
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.on("error", reject);
  child.on("close", (exitCode) => {
    signal.removeEventListener("abort", interrupt);
    const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString("utf8");
    resolve({ exitCode: exitCode ?? 1, stdout: text(stdout), stderr: text(stderr) });
  });
  return promise;
}
