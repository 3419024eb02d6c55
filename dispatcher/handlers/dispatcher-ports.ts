import type { DispatcherEnvironment } from "../../contract/environment.ts";
import { createDynamodbCapacity, createDynamodbPlacesQueue } from "../aws/dynamodb-capacity.ts";
import { createDynamodbDeployment } from "../aws/dynamodb-deployment.ts";
import { createDynamodbJobStore } from "../aws/dynamodb-job-store.ts";
import { createDynamodbPace } from "../aws/dynamodb-pace.ts";
import { createDynamodbHold, createDynamodbReleases } from "../aws/dynamodb-refresh.ts";
import { createLambdaMicrovms } from "../aws/lambda-microvms.ts";
import { createSqsQueue } from "../aws/sqs-queue.ts";
import type { DispatcherDeps } from "../flows/deps.ts";
import type { AwsClients } from "./aws-clients.ts";

/** AWS as the dispatcher's flows see it. */
export function dispatcherPorts(
  client: AwsClients,
  { TABLE_NAME, QUEUE_URL }: DispatcherEnvironment,
  sleep: DispatcherDeps["sleep"],
): Pick<
  DispatcherDeps,
  | "jobs"
  | "pace"
  | "capacity"
  | "placesQueue"
  | "placesOfClass"
  | "deployment"
  | "hold"
  | "holdOfImage"
  | "releases"
  | "microvms"
  | "queue"
  | "sleep"
> {
  const table = client("dynamodb");
  return {
    jobs: createDynamodbJobStore(table, TABLE_NAME),
    pace: createDynamodbPace(table, TABLE_NAME, sleep),
    capacity: createDynamodbCapacity(table, TABLE_NAME),
    placesQueue: createDynamodbPlacesQueue(table, TABLE_NAME, { sleep }),
    placesOfClass: (runnerClass) => ({
      capacity: createDynamodbCapacity(table, TABLE_NAME, runnerClass),
      placesQueue: createDynamodbPlacesQueue(table, TABLE_NAME, { runnerClass, sleep }),
    }),
    deployment: createDynamodbDeployment(table, TABLE_NAME, sleep),
    hold: createDynamodbHold(table, TABLE_NAME, { sleep }),
    holdOfImage: (image) => createDynamodbHold(table, TABLE_NAME, { image, sleep }),
    releases: createDynamodbReleases(table, TABLE_NAME, sleep),
    microvms: createLambdaMicrovms(client("lambda-microvms")),
    queue: createSqsQueue(client("sqs"), QUEUE_URL),
    sleep,
  };
}
