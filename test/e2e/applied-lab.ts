import { expect, onTestFailed } from "vitest";
import type { Machine } from "../../lab/aws/microvms/machine.ts";
import type { Job, QueueJobOptions } from "../../lab/github/jobs.ts";
import { type Lab, type LabOptions, startLab } from "../../lab/lab.ts";
import { leftoversOf } from "../../lab/simulate/timeline.ts";
import { eventually } from "../support/eventually.ts";

/** Labels of a job that the example serves. */
export const LABELS = ["self-hosted", "linux", "arm64", "microvm"];
/** Names of the functions that the example creates. */
export const FUNCTIONS = ["gha-microvm-webhook", "gha-microvm-dispatcher"];

/** A lab to which the example is applied. */
export interface AppliedLab extends Lab {
  /** The function URL that Terraform put out. */
  url: string;
  webhookSecret: string;
  queueJob(options?: Partial<QueueJobOptions>): Job;
}

/**
 * Starts a lab and applies `examples/github-app` to it; the queue's delays pass 30 times as fast as in AWS. `prepare`
 * puts into the account what has to be there before, and answers the files that name it.
 */
export async function applyLab(
  options: LabOptions = {},
  prepare: (lab: Lab) => Record<string, string> = () => ({}),
): Promise<AppliedLab> {
  const lab = await startLab({ delaySpeed: 30, ...options });
  try {
    await lab.terraform.write(prepare(lab));
    await lab.terraform.init();
    await lab.terraform.apply();
    const outputs = await lab.terraform.outputs();
    await lab.github.deliveries.settled();
    return {
      ...lab,
      url: String(outputs.webhook_payload_url?.value),
      webhookSecret: String(outputs.webhook_secret?.value),
      queueJob: (job = {}) =>
        lab.github.queueJob({ repository: "my-org/shop", labels: LABELS, durationMs: 200, ...job }),
    };
  } catch (error: unknown) {
    await lab.stop();
    throw error;
  }
}

/**
 * Resolves when the job is over and nothing is left in the account or on GitHub; a failing test shows the functions'
 * logs.
 */
export async function untilSettled(lab: AppliedLab, job: Job): Promise<void> {
  onTestFailed(() => {
    for (const line of FUNCTIONS.flatMap((name) => lab.aws.functions.output(name))) process.stderr.write(`${line}\n`);
  });
  await eventually(() => {
    expect(job.status).toBe("completed");
    expect(leftoversOf(lab)).toEqual([]);
  });
}

/** MicroVMs launched for the job, oldest first. */
export function machinesOf(lab: AppliedLab, job: Job): Machine[] {
  return lab.aws.microvms.machines().filter(({ request }) => request.clientToken?.includes(`-${job.id}-`));
}

/**
 * Names of the runners that were registered for the job, oldest first; a name that was registered twice stands twice.
 */
export function registrationsOf(lab: AppliedLab, job: Job): string[] {
  return lab.github.events
    .all()
    .filter(({ kind, runnerName }) => kind === "runner.registered" && String(runnerName).includes(`-${job.id}-`))
    .map(({ runnerName }) => String(runnerName));
}
