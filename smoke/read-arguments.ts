import { parseArgs } from "node:util";
import { UsageError } from "../cli/usage-error.ts";
import { FAULTS, type Fault } from "./faults.ts";

export interface Request {
  lab: boolean;
  fault: Fault | undefined;
  /** Goes on with what the journal says, or only cleans up. */
  again: "resume" | "clean" | undefined;
  prefix: string;
  region: string | undefined;
  profile: string | undefined;
  repository: string | undefined;
  appId: string | undefined;
  key: string | undefined;
  /** Undefined: {@link DEFAULT_MEMORY_MIB}, or what an earlier run has. */
  memoryMib: number | undefined;
  report: string;
}

export const DEFAULT_MEMORY_MIB = 2_048;

/** What `--lab` has of its own, or has no use for. */
const OF_AN_ACCOUNT = ["repository", "app-id", "key", "region", "profile", "resume", "clean"] as const;

export const HELP = `npx projen smoke -- --repository OWNER/REPO --app-id ID --key FILE|ssm:NAME [options]
npx projen smoke -- --lab [--fault NAME]

Applies examples/github-app to an AWS account, runs jobs of every kind in a scratch repository, follows each, answers what only
an account can show, and destroys everything. Costs money: it shows how much, and waits for the account's id to be typed.

  --repository OWNER/REPO  a repository of an organization that is there for nothing else; a branch is pushed and deleted
  --app-id ID              the GitHub App, installed there
  --key FILE|ssm:NAME      its private key
  --name-prefix NAME       the deployment's (gha-smoke); refused where it is in use
  --region, --profile      as for the commands; credentials that may make one role, docs/USAGE.md says with which rights
  --memory-mib MIB         of each MicroVM (${DEFAULT_MEMORY_MIB})
  --resume, --clean        go on with a run that was interrupted, or only take away what it left
  --report FILE            smoke-report.json
  --lab                    a rehearsal against the lab, where stand-ins run the jobs and each stage is cut off once and resumed
  --fault NAME             with --lab: ${FAULTS.join(" or ")}

GITHUB_TOKEN: a token that may push workflows to the repository (contents, workflows and actions: write).
Exit codes: 0 all is as it should be and nothing is left; 1 not so; 2 wrong arguments, or something is missing.
\`npx projen\` itself answers 1 for each but 0.`;

/** Reads the command line; throws a UsageError with one line. */
export function readArguments(args: readonly string[]): Request | "help" {
  const { values } = parse(args.filter((argument) => argument !== "--"));
  if (values.help) return "help";
  const { lab, fault, resume, clean, repository } = values;
  if (resume && clean) throw new UsageError("--resume and --clean exclude each other");
  const known = FAULTS.find((each) => each === fault);
  if (fault !== undefined && (known === undefined || !lab)) {
    throw new UsageError(`--fault goes with --lab, and is ${FAULTS.join(" or ")}`);
  }
  if (!/^[a-z][a-z0-9-]{1,19}$/.test(values["name-prefix"])) {
    throw new UsageError("--name-prefix takes 2 to 20 lower case letters, digits and hyphens");
  }
  const foreign = lab ? OF_AN_ACCOUNT.filter((name) => values[name]) : [];
  if (foreign.length > 0) throw new UsageError(`--lab goes without ${foreign.map((name) => `--${name}`).join(", ")}`);
  const memory = values["memory-mib"];
  const memoryMib = memory === undefined ? undefined : Number(memory);
  if (memoryMib !== undefined && ![512, 1_024, 2_048, 4_096, 8_192].includes(memoryMib)) {
    throw new UsageError("--memory-mib is 512, 1024, 2048, 4096 or 8192");
  }
  if (repository !== undefined && !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new UsageError(`--repository is OWNER/REPO, not ${repository}`);
  }
  return {
    ...{ lab, memoryMib, repository, fault: known, prefix: values["name-prefix"] },
    again: resume ? "resume" : clean ? "clean" : undefined,
    ...{ region: values.region, profile: values.profile, appId: values["app-id"], key: values.key },
    report: values.report,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        lab: { type: "boolean", default: false },
        fault: { type: "string" },
        resume: { type: "boolean", default: false },
        clean: { type: "boolean", default: false },
        repository: { type: "string" },
        "app-id": { type: "string" },
        key: { type: "string" },
        "name-prefix": { type: "string", default: "gha-smoke" },
        region: { type: "string" },
        profile: { type: "string" },
        "memory-mib": { type: "string" },
        report: { type: "string", default: "smoke-report.json" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error: unknown) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new UsageError(`${line.replace(/\.$/, "")}; write npx projen smoke -- --help`);
  }
}
