import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { Job } from "../../lab/github/jobs.ts";
import { type Deployment, openDeployment, REPOSITORY, until } from "../ministack/deployment.ts";
import type { Step } from "../step.ts";

const LABELS = ["self-hosted", "linux", "arm64", "microvm"];
const PATIENCE_MS = 300_000;
const BURST = 25;
/**
 * AWS ends a chain of this many messages between function and queue, unless the function allows it (Lambda guide,
 * recursive loops).
 */
const RECURSION_LIMIT = 16;

/** The one refusal that is meant to happen, as MiniStack words it. */
const GRANT = /gha-microvm-webhook is not authorized to perform: sqs:SendMessage /;

type Scenario = (deployment: Deployment) => Promise<string>;

const queue = ({ github }: Deployment, durationMs = 200): Job =>
  github.queueJob({ repository: REPOSITORY, labels: LABELS, durationMs });

/** Waits until the jobs are over and nothing of them is left. */
async function settled(deployment: Deployment, jobs: readonly Job[]): Promise<void> {
  const { github, guests } = deployment;
  await until(
    `${jobs.length} jobs over, no MicroVM, no runner, no message`,
    async () =>
      jobs.every(({ status }) => status === "completed") &&
      github.runners().length === 0 &&
      guests.alive() === 0 &&
      (await deployment.running()).length === 0 &&
      (await deployment.messages()) === 0,
    PATIENCE_MS,
  );
}

function expectAll(jobs: readonly Job[], conclusion: string): void {
  const other = jobs.filter((job) => job.conclusion !== conclusion);
  if (other.length > 0) throw new Error(`${other.length} of ${jobs.length} jobs did not end in ${conclusion}`);
}

/** One after the other, in one deployment. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "an apply, and a second plan without a change": async ({ terraform, github }) => {
    await terraform.init();
    await terraform.apply();
    await github.deliveries.settled();
    const { resource_changes: planned } = await terraform.plan();
    const changes = planned.filter(
      ({ change }) => change.actions.join() !== "no-op" && change.actions.join() !== "read",
    );
    if (changes.length > 0) throw new Error(`it would change ${changes.map(({ address }) => address).join(", ")}`);
    return `${(await terraform.resources()).length} resources`;
  },
  "one job from end to end": async (deployment) => {
    const job = queue(deployment);
    await settled(deployment, [job]);
    expectAll([job], "success");
    return `${deployment.guests.launches.length} MicroVM`;
  },
  "a job's chain of messages past the check of recursion": async (deployment) => {
    const before = deployment.bridge.sent;
    const job = queue(deployment, 60_000);
    await settled(deployment, [job]);
    expectAll([job], "success");
    const sent = deployment.bridge.sent - before;
    if (sent <= RECURSION_LIMIT + 4) throw new Error(`only ${sent} messages were sent for it`);
    return `${sent} messages`;
  },
  "a burst": async (deployment) => {
    const before = deployment.guests.launches.length;
    deployment.guests.most();
    const jobs = Array.from({ length: BURST }, () => queue(deployment));
    await settled(deployment, jobs);
    expectAll(jobs, "success");
    return `${jobs.length} jobs, ${deployment.guests.launches.length - before} MicroVMs, ${deployment.guests.most()} at once`;
  },
  "a MicroVM that dies": async (deployment) => {
    const before = deployment.guests.launches.length;
    deployment.guests.killNext();
    const job = queue(deployment);
    await settled(deployment, [job]);
    expectAll([job], "success");
    const launches = deployment.guests.launches.length - before;
    if (launches < 2) throw new Error("nothing was launched after it");
    return `${launches} MicroVMs for the job`;
  },
  "a job that is cancelled": async (deployment) => {
    const job = queue(deployment, 60_000);
    await until("the job runs", () => job.status === "in_progress", PATIENCE_MS);
    deployment.github.cancelJob(job.id);
    await settled(deployment, [job]);
    expectAll([job], "cancelled");
    return "1 job";
  },
  "a delivery that was lost, and asked for again": async (deployment) => {
    deployment.github.deliveries.next("lose", { event: "workflow_job", action: "queued" });
    const job = queue(deployment);
    await deployment.github.deliveries.settled();
    await deployment.invoke("redeliver");
    await settled(deployment, [job]);
    expectAll([job], "success");
    return "1 job";
  },
  "a grant that is taken away": async (deployment) => {
    const { bridge, github } = deployment;
    const before = bridge.refused.length;
    let job: Job | undefined;
    await deployment.without("webhook", "sqs:SendMessage", async () => {
      job = queue(deployment);
      await github.deliveries.settled();
    });
    const refused = bridge.refused.slice(before);
    if (!refused.some((said) => GRANT.test(said))) throw new Error(`refused is ${refused.join("; ") || "nothing"}`);
    await deployment.invoke("redeliver");
    await settled(deployment, job === undefined ? [] : [job]);
    return "sqs:SendMessage refused to the webhook's role, and the job run once it had it back";
  },
  "max_concurrency 2": async (deployment) => {
    const main = join(deployment.terraform.dir, "concurrency_override.tf");
    await appendFile(main, 'module "gha_runner" {\n  max_concurrency = 2\n}\n');
    await deployment.terraform.plan();
    await deployment.terraform.apply();
    deployment.guests.most();
    const jobs = Array.from({ length: 6 }, () => queue(deployment, 1_000));
    await settled(deployment, jobs);
    expectAll(jobs, "success");
    const most = deployment.guests.most();
    if (most > 2) throw new Error(`${most} MicroVMs at once`);
    return `${jobs.length} jobs, ${most} at once`;
  },
  "a destroy that leaves nothing": async (deployment) => {
    await deployment.terraform.destroy();
    const left = [
      ...(await deployment.terraform.resources()).map(({ address }) => address),
      ...(await deployment.leftovers()),
    ];
    if (left.length > 0) throw new Error(`left are ${left.join(", ")}`);
    return "nothing left";
  },
};

export const ministack: Step = {
  name: "ministack",
  shows:
    "on MiniStack, an emulator of AWS by others, the module applies, and the functions under their own roles and the supervisor, as they are released, take a job, a burst of 25, and what goes wrong, to the end",
  tools: ["terraform", "ministack"],
  async run({ tool }) {
    const deployment = await openDeployment(join(tool("ministack").folder, "ministack"));
    const [shown, findings]: [string[], string[]] = [[], []];
    try {
      for (const [name, play] of Object.entries(SCENARIOS)) {
        try {
          shown.push(`${name}: ${await play(deployment)}`);
        } catch (error: unknown) {
          findings.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
          // Whatever comes after it starts from a state that nobody meant.
          break;
        }
      }
      findings.push(...deployment.guests.failures);
      findings.push(...deployment.bridge.refused.filter((said) => !GRANT.test(said)));
      if (findings.length > 0)
        findings.push(`MiniStack's log ends in:\n${(await deployment.ministack.log()).slice(-3_000)}`);
    } finally {
      await deployment.stop();
    }
    return { shown, findings };
  },
};
