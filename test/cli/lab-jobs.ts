import { createDynamodbJobStore } from "../../dispatcher/aws/dynamodb-job-store.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import type { JobRecord } from "../../dispatcher/core/job.ts";
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
  const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/gha-microvm-jobs";
  const statement = { Effect: "Allow", Action: "dynamodb:PutItem", Resource: table };
  const { region, credentials } = readerOf(lab, { Version: "2012-10-17", Statement: [statement] }, "writer");
  const endpoint = lab.aws.endpoint;
  const fetch = createSignedFetch({ service: "dynamodb", region, credentials: () => credentials, endpoint });
  await createDynamodbJobStore(fetch, "gha-microvm-jobs").put(record);
}
