import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { unzipSync } from "fflate";
import { vi } from "vitest";
import type { QueueMessage } from "../../../contract/messages.ts";
import { createDynamodbJobStore } from "../../../dispatcher/aws/dynamodb-job-store.ts";
import { handler as current } from "../../../dispatcher/handlers/dispatcher.ts";
import type { JobStore } from "../../../dispatcher/ports.ts";
import { createMemoryGitHub, type MemoryGitHub } from "../../../lab/world/services/memory-github.ts";
import { createMemoryMicrovms, type MemoryMicrovms } from "../../../lab/world/services/memory-microvms.ts";
import { createAppKey } from "../../support/app-key.ts";
import { startDynaliteTable } from "../../support/dynalite-table.ts";
import { startGitHubServer } from "../../support/github-server.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { startMicrovmsServer } from "../../support/microvms-server.ts";
import { signedFetchFor } from "../../support/signed-fetch-for.ts";

type Handler = (event: SQSEvent, context: { awsRequestId: string; getRemainingTimeInMillis(): number }) => unknown;

/** One deployment over which two releases of the dispatcher take turns. */
export interface TwoReleases {
  github: MemoryGitHub;
  microvms: MemoryMicrovms;
  jobs: JobStore;
  /**
   * Has a release handle one message; returns what it sent to the queue meanwhile. Throws when the message is to come
   * back.
   */
  handle(release: "earlier" | "ours", message: QueueMessage): Promise<QueueMessage[]>;
  /** After a refusal for want of room both leave RunMicrovm alone for a while, which a test does not wait for. */
  forgetPace(): Promise<void>;
  close(): Promise<void>;
}

const REPOSITORY = "acme/shop";
export const LABELS = ["self-hosted", "microvm"];

/** Starts the services; `zip` is the earlier release as it was published. */
export async function startTwoReleases(zip: string): Promise<TwoReleases> {
  const clock = { now: () => new Date() };
  const key = createAppKey();
  const github = createMemoryGitHub({ clock, repositories: [REPOSITORY] });
  const microvms = createMemoryMicrovms({ clock });
  const table = await startDynaliteTable("jobs");
  const installations = { [REPOSITORY]: 7 };
  const gitHub = await startGitHubServer({
    github,
    appId: "1",
    publicKey: key.publicKey,
    installations,
    now: clock.now,
  });
  const lambda = await startMicrovmsServer(microvms);
  const ssm = await startLocalServer(() => {
    const app = { app_id: "1", installation_id: "7", private_key: key.pkcs1 };
    const Value = JSON.stringify({ webhook_secrets: ["a secret of the tests"], github_app: app });
    return { status: 200, body: JSON.stringify({ Parameter: { Value } }) };
  });
  const sqs = await startLocalServer(() => ({ status: 200, body: JSON.stringify({ MessageId: "m" }) }));
  stubEnvironment({ dynamodb: table.url, lambda: lambda.url, ssm: ssm.url, sqs: sqs.url, github: gitHub.apiUrl });
  const folder = await mkdtemp(join(tmpdir(), "release-"));
  const handlers = { earlier: await loadZip(zip, folder), ours: current as Handler };
  let count = 0;
  return {
    github,
    microvms,
    jobs: createDynamodbJobStore(signedFetchFor("dynamodb", table.url), "jobs"),
    async handle(release, message) {
      const before = sqs.requests.length;
      const context = { awsRequestId: `request-${++count}`, getRemainingTimeInMillis: () => 30_000 };
      const answer = (await handlers[release](eventOf(message, count), context)) as SQSBatchResponse;
      if (answer.batchItemFailures.length > 0) throw new Error(`${release}: the message is to come back`);
      const sent = sqs.requests.slice(before).map(({ body }) => JSON.parse(body) as { MessageBody: string });
      return sent.map(({ MessageBody }) => JSON.parse(MessageBody) as QueueMessage);
    },
    async forgetPace() {
      await table.client.send(new DeleteItemCommand({ TableName: table.tableName, Key: { id: { S: "pace" } } }));
    },
    async close() {
      vi.unstubAllEnvs();
      await Promise.all([table.close(), gitHub.close(), lambda.close(), ssm.close(), sqs.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function loadZip(zip: string, folder: string): Promise<Handler> {
  const { "dispatcher.js": code } = unzipSync(await readFile(zip));
  if (code === undefined) throw new Error("the zip holds no dispatcher.js");
  const file = join(folder, "dispatcher.cjs");
  await writeFile(file, code);
  return (createRequire(import.meta.url)(file) as { handler: Handler }).handler;
}

function eventOf(message: QueueMessage, count: number): SQSEvent {
  const sent = String(Date.now());
  return {
    Records: [
      {
        messageId: `message-${count}`,
        receiptHandle: `receipt-${count}`,
        body: JSON.stringify(message),
        attributes: {
          ApproximateReceiveCount: "1",
          SentTimestamp: sent,
          SenderId: "tests",
          ApproximateFirstReceiveTimestamp: sent,
        },
        messageAttributes: {},
        md5OfBody: "",
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:jobs",
        awsRegion: "eu-west-1",
      },
    ],
  };
}

function stubEnvironment(urls: { dynamodb: string; lambda: string; ssm: string; sqs: string; github: string }): void {
  const arn = (rest: string) => `arn:aws:${rest}`;
  const variables = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIDLOCAL",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: urls.dynamodb,
    AWS_ENDPOINT_URL_LAMBDA: urls.lambda,
    AWS_ENDPOINT_URL_LAMBDA_MICROVMS: urls.lambda,
    AWS_ENDPOINT_URL_SSM: urls.ssm,
    AWS_ENDPOINT_URL_SQS: urls.sqs,
    REQUIRED_LABELS: LABELS.join(","),
    RUNNER_LABELS: [...LABELS, "linux", "arm64"].join(","),
    GH_OWNER: "acme",
    RUNNER_NAME_PREFIX: "gha",
    QUEUE_URL: `${urls.sqs}/123456789012/jobs`,
    TABLE_NAME: "jobs",
    SECRET_PARAM: "/gha/dispatcher",
    GH_API_URL: urls.github,
    IMAGE_ARN: arn("lambda:eu-west-1:123456789012:microvm-image:runner"),
    EXEC_ROLE_ARN: arn("iam::123456789012:role/exec"),
    INGRESS_CONNECTOR_ARN: arn("lambda:eu-west-1:aws:network-connector:aws-network-connector:NO_INGRESS"),
    EGRESS_CONNECTOR_ARN: arn("lambda:eu-west-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS"),
    LOG_GROUP: "/aws/lambda-microvms/runner",
    MAX_DURATION_SECONDS: "3600",
    MAX_CONCURRENCY: "5",
    ALLOW_FORK_PULL_REQUESTS: "false",
    FINISH_BASE_URL: "https://id.lambda-url.eu-west-1.on.aws",
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}
