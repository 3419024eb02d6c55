import { createDynamodbJobStore } from "../../dispatcher/aws/dynamodb-job-store.ts";
import { createDynamodbHold } from "../../dispatcher/aws/dynamodb-refresh.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import type { JobRecord } from "../../dispatcher/core/job.ts";
import { NO_HOLD } from "../../dispatcher/core/runner-hold.ts";
import type { Job } from "../../lab/github/jobs.ts";
import type { AppliedLab } from "../e2e/applied-lab.ts";
import { readerOf } from "./reader.ts";

/** The job's URL as the lab's GitHub would show it. */
export function urlOf(lab: AppliedLab, { id, run }: Job): string {
  const { host } = new URL(lab.github.apiUrl);
  return `http://${host}/${run.repository.fullName}/actions/runs/${run.id}/job/${id}`;
}

/** A job of which no delivery is ever sent, so that the dispatcher never hears of it. */
export function unheardOf(lab: AppliedLab, options: Parameters<AppliedLab["queueJob"]>[0] = {}): Job {
  lab.github.deliveries.next("vanish", { event: "workflow_job", action: "queued" });
  return lab.queueJob(options);
}

/** Puts a record into the deployment's table. */
export async function storeRecord(lab: AppliedLab, record: JobRecord): Promise<void> {
  await createDynamodbJobStore(tableOf(lab), TABLE).put(record);
}

/**
 * Has launches held, as if GitHub refused the runner of this version of the image; call what it answers to let them go.
 */
export async function holdLaunches(lab: AppliedLab, imageVersion: string): Promise<() => Promise<unknown>> {
  const hold = createDynamodbHold(tableOf(lab), TABLE);
  await hold.update(() => ({
    ...{ imageVersion, launchIds: ["1-1", "2-1"], known: true },
    ...{ refusedMs: Date.now(), probedMs: Date.now() },
  }));
  return () => hold.update(() => NO_HOLD);
}

/** The deployment's table. */
export const TABLE = "gha-microvm-jobs";

/** DynamoDB, for somebody who may do more with the table than look at it. */
export function tableOf(lab: AppliedLab) {
  const resource = `arn:aws:dynamodb:eu-west-1:123456789012:table/${TABLE}`;
  const statement = { Effect: "Allow", Action: ["dynamodb:GetItem", "dynamodb:PutItem"], Resource: resource };
  const { region, credentials } = readerOf(lab, { Version: "2012-10-17", Statement: [statement] }, "writer");
  const endpoint = lab.aws.endpoint;
  return createSignedFetch({ service: "dynamodb", region, credentials: () => credentials, endpoint });
}
