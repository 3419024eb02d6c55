import { createSqsQueue } from "../../dispatcher/aws/sqs-queue.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import type { Queue } from "../../dispatcher/ports.ts";
import type { AwsAccess } from "./resolve-aws.ts";

/** The deployment's jobs queue, to be sent to. Throws a DispatcherError. */
export function createJobsQueue(
  { region, credentials }: AwsAccess,
  environment: Environment,
  queueUrl: string,
): Pick<Queue, "send"> {
  const endpoint = awsEndpoint(environment, "sqs");
  return createSqsQueue(
    createSignedFetch({ service: "sqs", region, credentials: () => credentials, endpoint }),
    queueUrl,
  );
}
