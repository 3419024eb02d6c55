import type { Context } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { handler as prune } from "../../../dispatcher/handlers/prune.ts";
import { handler as redeliver } from "../../../dispatcher/handlers/redeliver.ts";
import { handler as refresh } from "../../../dispatcher/handlers/refresh.ts";
import { handler as webhook } from "../../../dispatcher/handlers/webhook.ts";
import { deliveryHeaders, functionUrlEvent } from "../../../lab/world/services/function-url-event.ts";
import { createAppKey } from "../../support/app-key.ts";
import { type LocalServer, type SeenRequest, startLocalServer } from "../../support/local-server.ts";

const IMAGE = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner";
const SECRET = "webhook-secret";
/** What each function looks for in its parameter. */
const PARAMETER = {
  webhook_secrets: [SECRET],
  github_app: { app_id: "1", installation_id: "2", private_key: createAppKey().pkcs1 },
  repositories: {},
};
const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 60_000 } as Partial<Context> as Context;

let aws: LocalServer;
/** An operation that answers 503. */
let unavailable: string | undefined;
const operationOf = ({ method, path, headers }: SeenRequest) => headers["x-amz-target"] ?? `${method} ${path}`;
beforeAll(async () => {
  const answers: Record<string, object> = {
    "AmazonSSM.GetParameter": { Parameter: { Value: JSON.stringify(PARAMETER) } },
    "AmazonSQS.SendMessage": { MessageId: "message-1" },
  };
  aws = await startLocalServer((request) => ({
    status: operationOf(request) === unavailable ? 503 : 200,
    body: JSON.stringify(answers[operationOf(request)] ?? { items: [], state: "CREATING" }),
  }));
  const environment = {
    ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIDLOCAL", AWS_SECRET_ACCESS_KEY: "local" },
    ...{ AWS_ENDPOINT_URL: aws.url, QUEUE_URL: `${aws.url}/jobs`, WEBHOOK_SECRET_PARAM: "/webhook" },
    ...{ WEBHOOK_SECRET_GENERATION: "1", REQUIRED_LABELS: "microvm", RUNNER_LABELS: "microvm", GH_OWNER: "my-org" },
    ...{ SECRET_PARAM: "/app", HOOKS_PARAM: "/hooks", GH_API_URL: aws.url },
    ...{ RUNNER_NAME_PREFIX: "gha", IMAGE_ARN: IMAGE, IMAGE_VERSIONS_KEPT: "2", TABLE_NAME: "jobs" },
    ...{ CODE_BUCKET: "artifacts", MODE: "watch", SOAK_DAYS: "1", MAX_AGE_DAYS: "0" },
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(() => {
  unavailable = undefined;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

it("the webhook function reads its secret and queues a job", async () => {
  const body = JSON.stringify({
    action: "queued",
    workflow_job: { id: 11, run_id: 22, labels: ["microvm"] },
    repository: { full_name: "my-org/shop" },
  });
  const event = functionUrlEvent({ body, headers: deliveryHeaders(body, SECRET) });

  expect(await webhook(event)).toMatchObject({ statusCode: 202 });
  expect(aws.requests.map(operationOf)).toEqual(["AmazonSSM.GetParameter", "AmazonSQS.SendMessage"]);
});

it("the prune function looks at the versions of its image", async () => {
  await prune({}, context);
  expect(aws.requests.map(operationOf)).toContain(
    `GET /2025-09-09/microvm-images/${encodeURIComponent(IMAGE)}/versions`,
  );
});

it("the refresh function waits while its image is built", async () => {
  await refresh({ rebuild: "what this says is not for it" }, context);
  expect(aws.requests.map(operationOf)).toContain("DynamoDB_20120810.GetItem");
});

describe("the redeliver function", () => {
  /** The events that one run logs. */
  async function eventsOf(run: () => Promise<void>): Promise<string[]> {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      await run();
      return write.mock.calls.flatMap(([line]) => /"event":"([\w.]+)"/.exec(String(line))?.[1] ?? []);
    } finally {
      write.mockRestore();
    }
  }

  it("looks at deliveries, and asks about the runner, whatever GitHub answers", async () => {
    const told = await eventsOf(() => redeliver({}, context));
    expect(told).toEqual(["redelivery.failed", "redelivery.ended", "runner.check_failed"]);
    const asked = aws.requests.map(operationOf);
    expect(asked).toContain("GET /app/hook/deliveries");
    expect(asked).toContain("POST /app/installations/2/access_tokens");
  });

  it("leaves it to the next run where the parameters cannot be read now", async () => {
    unavailable = "AmazonSSM.GetParameter";
    expect(await eventsOf(() => redeliver({}, context))).toEqual(["redelivery.put_off"]);
  });
});
