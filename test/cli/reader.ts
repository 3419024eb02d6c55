import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import { type CliOptions, runCli } from "../../cli/run-cli.ts";
import type { PolicyDocument } from "../../lab/aws/iam/role-store.ts";
import { fencedBlocks, readProjectFile } from "../docs/markdown.ts";
import type { AppliedLab } from "../e2e/applied-lab.ts";

export const READER = "person-reader";

export interface CliRun {
  code: number;
  /** What was written, to either stream. */
  text: string;
}

const ABOUT_THE_DEPLOYMENT = [
  ...["LookAtRedeliver", "LookAtTheWebhook", "LookAtTheImage", "LookAtTheQuotas", "ReadWhichWebhooks"],
  ...["LookAtTheAlarms", "SeeWhoIsTold"],
];

const LOG = ["AskTheLog", "ReadAnswers"];

/** Statements that the documentation names for one of the commands alone. */
const NOT_FOR = {
  doctor: ["LookAtTheMicrovm", "SendTheLaunch", "PauseLaunches", ...LOG],
  where: [...ABOUT_THE_DEPLOYMENT, "SendTheLaunch", "PauseLaunches", ...LOG],
  retry: [...ABOUT_THE_DEPLOYMENT, "PauseLaunches", ...LOG],
  cost: [
    ...[...ABOUT_THE_DEPLOYMENT, "Look", "ReadTheRecord", "LookAtTheMicrovm", "LookAtRefresh", "CountMessages"],
    ...["SendTheLaunch", "PauseLaunches", "ReadTheAppsKey"],
  ],
  pause: [
    ...[...ABOUT_THE_DEPLOYMENT, "LookAtTheMicrovm", "LookAtRefresh", "CountMessages", "SendTheLaunch"],
    ...["ReadTheAppsKey", ...LOG],
  ],
};

/** What only a deployment with runner classes needs. */
const OF_CLASSES = ["ReadTheClasses"];

/** The rights that the documentation names; the lab's account and Region are those of its examples. */
export function documentedPolicy(
  command: keyof typeof NOT_FOR,
  { classes = false } = {},
): PolicyDocument & { Statement: { Sid: string }[] } {
  const [policy] = fencedBlocks(readProjectFile("docs/USAGE.md"), "json").filter((text) => text.includes('"Look"'));
  if (policy === undefined) throw new Error("docs/USAGE.md has no policy for the commands");
  const all: ReturnType<typeof documentedPolicy> = JSON.parse(policy);
  const named = all.Statement.map(({ Sid }) => Sid);
  const without = [...NOT_FOR[command], ...(classes ? [] : OF_CLASSES)];
  for (const sid of without) if (!named.includes(sid)) throw new Error(`docs/USAGE.md has no statement ${sid}`);
  return { ...all, Statement: all.Statement.filter(({ Sid }) => !without.includes(Sid)) };
}

/** Somebody with a role of the lab's account that has exactly this policy. */
export function readerOf(lab: AppliedLab, policy: PolicyDocument, name = READER): AwsAccess {
  const trust = { Version: "2012-10-17", Statement: [] };
  const role = lab.aws.iam.roles.get(name) ?? lab.aws.iam.roles.create({ name, path: "/", trust });
  role.policies.set("look", policy);
  const { accessKeyId, secretAccessKey, sessionToken } = lab.aws.iam.issueCredentials(name, "person");
  return { region: lab.aws.account.region, credentials: { accessKeyId, secretAccessKey, sessionToken } };
}

/** Runs a command against the lab. */
export async function runAgainst(
  lab: AppliedLab,
  access: AwsAccess,
  args: readonly string[],
  change: Partial<CliOptions> = {},
): Promise<CliRun> {
  let text = "";
  const write = (line: string) => {
    text += `${line}\n`;
  };
  const code = await runCli({
    args,
    environment: { AWS_ENDPOINT_URL: lab.aws.endpoint },
    resolveAws: async () => access,
    now: () => new Date(),
    folder: process.cwd(),
    openTerminal: () => {
      throw new Error("the command asks nobody");
    },
    openBrowser: () => undefined,
    out: write,
    err: write,
    ...change,
  });
  return { code, text };
}
