import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { createDynamodbHold, createDynamodbReleases } from "../../dispatcher/aws/dynamodb-refresh.ts";
import type { SignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { NO_HOLD } from "../../dispatcher/core/runner-hold.ts";
import { noteReleases } from "../../dispatcher/core/runner-releases.ts";
import { microvmErrors } from "../../lab/aws/microvms/errors.ts";
import { stateOf } from "../../lab/aws/microvms/machine.ts";
import { fencedBlocks } from "../docs/markdown.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "../e2e/applied-lab.ts";
import { eventually } from "../support/eventually.ts";
import { signedFetchFor } from "../support/signed-fetch-for.ts";

/** A lab in which the example is applied, and what changes the guests that start from here on. */
export interface ExercisedLab {
  lab: AppliedLab;
  guestEnvironment: Record<string, string>;
}

/**
 * A bound on the MicroVMs is kept in the table with an operation of its own; and a key of the customer, the one that
 * the documentation shows, asks for rights beyond those for the data. What it is not asked for without a key shows in
 * test/e2e.
 */
const OVERRIDE = `module "gha_runner" {
  dispatcher_timeout   = 10
  kms_key_arn          = aws_kms_key.runners.arn
  max_concurrency      = 20
  permissions_boundary = aws_iam_policy.boundary.arn
}
`;
const BOUNDARY = `resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["dynamodb:*", "iam:PassRole", "kms:*", "lambda:*", "logs:*", "s3:*", "sqs:*", "ssm:*"], Resource = "*" }]
  })
}
`;

/** The key as the documentation has its readers make it. */
async function documentedKey(): Promise<string> {
  const text = await readFile(new URL("../../docs/USAGE.md", import.meta.url), "utf8");
  const key = fencedBlocks(text, "hcl").find((code) => code.includes('resource "aws_kms_key" "runners"'));
  if (key === undefined) throw new Error("docs/USAGE.md shows no key");
  return key;
}

/** Applies the example with a short timeout of the dispatcher, so that what fails comes back soon. */
export async function applyForExercise(): Promise<ExercisedLab> {
  const guestEnvironment: Record<string, string> = {};
  const lab = await applyLab({
    visibilitySpeed: 6,
    files: { "exercise_override.tf": OVERRIDE, "boundary.tf": BOUNDARY, "key.tf": await documentedKey() },
    guests: { environment: guestEnvironment },
  });
  return { lab, guestEnvironment };
}

/**
 * What the functions and MicroVMs of the module do in their lives; all of it together uses every right that they need.
 */
export const EXERCISES: readonly [title: string, exercise: (exercised: ExercisedLab) => Promise<void>][] = [
  [
    "runs a job whose launch is throttled at first",
    async ({ lab }) => {
      lab.aws.microvms.failNext("RunMicrovm", microvmErrors.throttling(undefined), 1);
      await untilSettled(lab, lab.queueJob());
    },
  ],
  [
    "runs a job although GitHub fails at first",
    async ({ lab }) => {
      lab.github.failNext("POST /repos/{owner}/{repo}/actions/runners/generate-jitconfig", 502, 1);
      await untilSettled(lab, lab.queueJob());
    },
  ],
  [
    "ends a job that is cancelled while it runs",
    async ({ lab }) => {
      const job = lab.queueJob({ durationMs: 60_000 });
      await eventually(() => expect(job.status).toBe("in_progress"));
      lab.github.cancelJob(job.id);
      await untilSettled(lab, job);
    },
  ],
  [
    "watches a job whose MicroVM dies, and launches another",
    async ({ lab, guestEnvironment }) => {
      guestEnvironment.NODE_OPTIONS = "--no-such-option";
      const job = lab.queueJob();
      await eventually(() => expect(machinesOf(lab, job).map(stateOf)).toEqual(["TERMINATED"]));
      delete guestEnvironment.NODE_OPTIONS;
      await untilSettled(lab, job);
      expect(machinesOf(lab, job)).toHaveLength(2);
    },
  ],
  [
    "has a delivery sent again that was lost",
    async ({ lab }) => {
      lab.github.deliveries.next("lose", { event: "workflow_job", action: "queued" });
      const job = lab.queueJob();
      expect(await lab.aws.scheduler.fire(`${prefixOf(lab)}-redeliver`)).toBe("invoked");
      await untilSettled(lab, job);
    },
  ],
  [
    "deletes a version of the image that failed days ago",
    async ({ lab }) => {
      const [image] = lab.aws.microvms.images.all();
      const [built] = image?.versions ?? [];
      if (image === undefined || built === undefined) throw new Error("there is no image");
      const createdAt = built.createdAt - 2 * 24 * 3_600_000;
      image.versions.unshift({ ...built, version: "0.9", state: "FAILED", status: "INACTIVE", createdAt });
      expect(await lab.aws.scheduler.fire(`${prefixOf(lab)}-prune`)).toBe("invoked");
      await eventually(() => expect(image.versions).toEqual([built]));
    },
  ],
  [
    "builds the image again with a newer runner, and withdraws that",
    async ({ lab }) => {
      expect(await lab.aws.scheduler.fire(`${prefixOf(lab)}-refresh`)).toBe("invoked");
      await refreshes(lab, "rest");
      await offerRunner(lab, "2.999.0");
      await refreshes(lab, "build", { rebuild: true });
      await refreshes(lab, "rest");
      const [image] = lab.aws.microvms.images.all();
      await holdLaunches(lab, String(image?.versions.at(-1)?.version));
      await refreshes(lab, "withdraw");
    },
  ],
];

/** The jobs table, with the rights of the dispatcher. */
function tableOf(lab: AppliedLab): [fetch: SignedFetch, tableName: string] {
  const { accessKeyId, secretAccessKey, sessionToken } = lab.aws.iam.issueCredentials(
    `${prefixOf(lab)}-dispatcher`,
    "exercise",
    () => undefined,
  );
  const credentials = () => ({ accessKeyId, secretAccessKey, sessionToken });
  return [signedFetchFor("dynamodb", lab.aws.endpoint, { credentials }), `${prefixOf(lab)}-jobs`];
}

/** As if GitHub had offered this runner for some days: what the redeliver function would write. */
async function offerRunner(lab: AppliedLab, version: string): Promise<void> {
  const newest = { version, sha256: "a".repeat(64) };
  const seen = new Date(Date.now() - 4 * 24 * 3_600_000);
  await createDynamodbReleases(...tableOf(lab)).update((known) =>
    noteReleases(known, { newest, enforced: true, refusedFromMs: { [version]: null } }, seen),
  );
}

/** As if GitHub had refused the runner of a version: what two MicroVMs would have the dispatcher write. */
async function holdLaunches(lab: AppliedLab, imageVersion: string): Promise<void> {
  const hold = { ...NO_HOLD, imageVersion, known: true, refusedMs: Date.now() };
  await createDynamodbHold(...tableOf(lab)).update(() => hold);
}

/** Invokes the refresh function until it follows no build any more; what it comes to then is what is expected. */
async function refreshes(lab: AppliedLab, outcome: string, event: unknown = {}): Promise<void> {
  const result = await eventually(async () => {
    const invoked = await lab.aws.functions.invoke(`${prefixOf(lab)}-refresh`, event);
    expect(invoked).not.toMatchObject({ payload: expect.stringMatching(/"outcome":"(?:follow|put-off)"/) });
    return invoked;
  });
  expect(result).toMatchObject({ kind: "success", payload: expect.stringContaining(`"outcome":"${outcome}"`) });
}

/** What the names of all that the module made begin with. */
export function prefixOf({ aws }: AppliedLab): string {
  const exec = aws.iam.roles.all().find(({ name }) => name.endsWith("-exec"));
  if (exec === undefined) throw new Error("the applied state has no role of the MicroVMs");
  return exec.name.slice(0, -"-exec".length);
}
