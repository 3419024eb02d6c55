import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsAccess } from "../../../cli/aws/resolve-aws.ts";
import { type CliOptions, runCli } from "../../../cli/run-cli.ts";
import { type LabAws, startAws } from "../../../lab/aws/aws.ts";
import type { PolicyDocument } from "../../../lab/aws/iam/role-store.ts";
import { type GitHubOptions, type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { createProcessGuests } from "../../../lab/runner/guest.ts";
import { fencedBlocks, readProjectFile } from "../../docs/markdown.ts";
import { type FormBrowser, formBrowser } from "./form-browser.ts";
import { type ScriptedTerminal, scriptedTerminal } from "./scripted-terminal.ts";

export interface SetupLab {
  aws: LabAws;
  github: LabGitHub;
  access: AwsAccess;
  /** Where the command is given. */
  folder: string;
  file(name: string): Promise<string>;
  write(name: string, text: string): Promise<void>;
  run(args: readonly string[], more?: RunOptions): SetupRun;
  stop(): Promise<void>;
}

export interface RunOptions {
  answers?: readonly (readonly [RegExp, string])[];
  environment?: Record<string, string>;
  change?: Partial<CliOptions>;
  /** Default: `setup`. */
  command?: string;
  isInteractive?: boolean;
}

export interface SetupRun {
  terminal: ScriptedTerminal;
  /** A browser in which the start address is opened, as soon as there is one. */
  browser: Promise<FormBrowser>;
  /** The start address. */
  page: Promise<string>;
  /** What the command said beside the terminal, without its line breaks. */
  said(): string;
  code: Promise<number>;
}

export type SetupPolicy = PolicyDocument & { Statement: { Action: string[] }[] };

/** The rights that docs/USAGE.md names for set-up. */
export function setupPolicy(): SetupPolicy {
  const found = fencedBlocks(readProjectFile("docs/USAGE.md"), "json").find((text) => text.includes('"SetUpRecord"'));
  if (found === undefined) throw new Error("docs/USAGE.md has no policy for set-up");
  return JSON.parse(found);
}

/** Those, and what the key's place takes beside or instead. */
export function keyPolicy(args: readonly string[]): SetupPolicy {
  const policy = setupPolicy();
  const more: Readonly<Record<string, { Action: string[]; Resource: string }>> = {
    secretsmanager: {
      Action: ["secretsmanager:CreateSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
      Resource: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gha-microvm/github-app-key*",
    },
    kms: {
      Action: ["kms:CreateKey", "kms:GetParametersForImport", "kms:ImportKeyMaterial", "kms:Sign"],
      Resource: "*",
    },
  };
  const added = more[args[args.indexOf("--key") + 1] ?? ""];
  return added === undefined
    ? policy
    : { ...policy, Statement: [...policy.Statement, Object.assign({ Sid: "Key", Effect: "Allow" }, added)] };
}

/** An empty account and a GitHub with a repository, for somebody with exactly these rights. */
export async function startSetupLab(
  github: Partial<GitHubOptions> = {},
  policy: PolicyDocument = setupPolicy(),
): Promise<SetupLab> {
  const folder = await mkdtemp(join(tmpdir(), "gha-microvm-setup-"));
  const hub = await startGitHub({ repositories: ["my-org/shop"], ...github });
  const aws = await startAws({ guests: createProcessGuests(), unscheduled: true });
  const role = aws.iam.roles.create({
    name: "person-setup",
    path: "/",
    trust: { Version: "2012-10-17", Statement: [] },
  });
  role.policies.set("set-up", policy);
  const { accessKeyId, secretAccessKey, sessionToken } = aws.iam.issueCredentials("person-setup", "person");
  const access = { region: aws.account.region, credentials: { accessKeyId, secretAccessKey, sessionToken } };
  return {
    ...{ aws, github: hub, access, folder },
    file: (name) => readFile(join(folder, name), "utf8"),
    write: (name, text) => writeFile(join(folder, name), text),
    run: (args, { answers, environment = {}, change = {}, command = "setup", isInteractive } = {}) => {
      const terminal = scriptedTerminal(answers, isInteractive);
      let said = "";
      const write = (line: string) => {
        said += `${line}\n`;
      };
      const started = Promise.withResolvers<string>();
      const browser = started.promise.then(async (url) => {
        const opened = formBrowser();
        await opened.open(url);
        return opened;
      });
      const code = runCli({
        args: [command, ...(command === "setup" ? ["--github", hub.htmlUrl] : []), ...args],
        environment: { PATH: process.env.PATH ?? "", AWS_ENDPOINT_URL: aws.endpoint, ...environment },
        resolveAws: async () => access,
        now: () => new Date(),
        ...{ folder, out: write, err: write, pollMs: 20 },
        openTerminal: () => terminal,
        openBrowser: started.resolve,
        ...change,
      });
      return { terminal, browser, page: started.promise, said: () => said.replaceAll(/\s+/g, " "), code };
    },
    async stop() {
      await aws.stop();
      await hub.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
