import { addAbortListener } from "node:events";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import { asInstallation, readInstallation } from "../../cli/github/app-access.ts";
import type { AskGitHub } from "../../cli/github/ask-github.ts";
import { appAccess } from "../../cli/setup/app-access.ts";
import { applyingWith } from "../../lab/aws/applying/applying.ts";
import type { QueueJobOptions } from "../../lab/github/jobs.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { type PolicyPlace, publishedPolicy } from "../../src/docs/applying-policy.ts";
import type { Kind } from "../core/kinds.ts";
import type { Fault } from "../faults.ts";
import { readProjectFile } from "../project-file.ts";
import { sleepFor } from "../sleep.ts";
import type { Pace, World } from "../world.ts";

export interface LabWorld extends World {
  readonly lab: Lab;
  readonly account: string;
  stop(): Promise<void>;
}

const REPOSITORY = "my-org/shop";
/** Minutes of AWS's queues pass so many times as fast. */
const SPEEDS = { delaySpeed: 30, visibilitySpeed: 6 };
const PACE: Pace = { lookMs: 2_000, silenceMs: 120_000, settleMs: 10, tokenAgesMs: [0, 200] };
/** With a fault the end of the wait is what is waited for. */
const SILENCE_WITH_FAULT_MS = 15_000;

/** What stands in for the steps of a kind's jobs. */
function standInOf({ conclusion, cancelled, name }: Kind): Omit<QueueJobOptions, "repository" | "labels"> {
  return {
    name,
    durationMs: cancelled ? 60_000 : 500,
    result: conclusion === "failure" ? "failure" : "success",
    dockerNeeded: name === "docker build" || name === "services",
  };
}

/** The lab as a run's world, with one thing that goes wrong if asked for. */
export async function startLabWorld(prefix: string, fault?: Fault): Promise<LabWorld> {
  let applying = "";
  const lab = await startLab({
    ...SPEEDS,
    guests: { docker: true },
    // GitHub's 10 seconds are AWS's to keep, not a busy machine's.
    github: { webhookTimeoutMs: 60_000 },
    hold: (aws) => applyingWith(aws, () => applying),
  });
  try {
    const access = await personOf(lab, prefix);
    const applyAs = (role: string) => {
      applying = role;
    };
    return { ...worldOf(lab, applyAs, fault), access, lab, stop: () => lab.stop() };
  } catch (error: unknown) {
    await lab.stop();
    throw error;
  }
}

function worldOf(
  lab: Lab,
  applyAs: (role: string) => void,
  fault: Fault | undefined,
): Omit<LabWorld, "access" | "lab" | "stop"> {
  const { aws, github, terraform } = lab;
  let labels: readonly string[] = [];
  const begun = new Set<number>();
  const cancel = async (runId: number) => {
    for (const { id, run, status } of github.jobs()) {
      if (run.id === runId && status !== "completed") github.cancelJob(id);
    }
  };
  const queue = (options: Omit<QueueJobOptions, "repository" | "labels">) =>
    github.queueJob({ ...options, repository: REPOSITORY, labels: [...labels] });
  return {
    kind: "lab",
    account: aws.account.accountId,
    environment: { AWS_ENDPOINT_URL: aws.endpoint },
    repository: REPOSITORY,
    github: asTheApp(lab),
    githubToken: undefined,
    pace: fault === undefined ? PACE : { ...PACE, silenceMs: SILENCE_WITH_FAULT_MS },
    now: () => new Date(),
    sleep: sleepFor,
    configure: (files) => terraform.write({ ...files }),
    async terraform(args, as, signal) {
      applyAs(aws.iam.caller(as.credentials.accessKeyId)?.roleName ?? "");
      const live = await terraform.start(...args);
      const listener = addAbortListener(signal, live.interrupt);
      return live.ended.finally(() => listener[Symbol.dispose]());
    },
    async begin(kind, asked) {
      labels = asked;
      // No runner has the label.
      if (fault === "a-job-never-starts") labels = [...asked, "gpu"];
      const { run } = queue(standInOf(kind));
      begun.add(run.id);
      for (let count = 1; count < kind.jobs; count++) queue({ ...standInOf(kind), runId: run.id });
      return run.id;
    },
    cancel,
    async cancelRest() {
      for (const runId of begun) await cancel(runId);
    },
    lacking: async () => [],
    tidy: async () => undefined,
    async before(stage) {
      if (fault !== "a-microvm-is-left" || stage !== "times") return;
      // A job of nobody's, whose MicroVM runs on.
      queue({ name: "nobody's", durationMs: 600_000 });
      while (aws.microvms.alive().length === 0) await sleepFor(100, new AbortController().signal);
    },
  };
}

/** Somebody with exactly the policies that the documents give for a run. */
async function personOf({ aws }: Lab, prefix: string): Promise<AwsAccess> {
  const { partition, region, accountId: account } = aws.account;
  const place: PolicyPlace = { partition, region, account, prefix };
  const role = aws.iam.roles.create({ name: "person", path: "/", trust: { Version: "2012-10-17", Statement: [] } });
  role.policies.set("commands", publishedPolicy(await readProjectFile("docs/USAGE.md"), "ReadTheRecord", place));
  role.policies.set("smoke", publishedPolicy(await readProjectFile("CONTRIBUTING.md"), "MakeOneRole", place));
  const { accessKeyId, secretAccessKey, sessionToken } = aws.iam.issueCredentials("person", "smoke");
  return { region, credentials: { accessKeyId, secretAccessKey, sessionToken } };
}

/** GitHub as the App sees it: nobody has a token of their own there. */
function asTheApp({ github }: Lab): AskGitHub {
  const owner = REPOSITORY.split("/")[0] ?? "";
  const access = appAccess(github.apiUrl, owner, String(github.app.id), github.app.privateKey);
  return async (route, parameters) => {
    const ask = await asInstallation(access, await readInstallation(access), { actions: "read" });
    if (!("value" in ask)) throw new Error(`the lab's App may not look: ${JSON.stringify(ask)}`);
    return ask.value(route, parameters);
  };
}
