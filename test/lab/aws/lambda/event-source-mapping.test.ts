import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabAws, startAws } from "../../../../lab/aws/aws.ts";
import { eventually } from "../../../support/eventually.ts";
import { addRole, apply, destroy } from "../support/apply.ts";
import { clientConfig } from "../support/clients.ts";
import { deploy, mapQueue, pollGrants } from "../support/function.ts";
import { memoryGuests } from "../support/memory-guests.ts";

let aws: LabAws;
let queueArn: string;
let queueUrl: string;
let sqs: SQSClient;

beforeEach(async () => {
  aws = await startAws({ guests: memoryGuests() });
  const dead = await apply(aws, "aws_sqs_queue", { name: "dead" });
  const queue = await apply(aws, "aws_sqs_queue", {
    name: "jobs",
    visibility_timeout_seconds: 60,
    redrive_policy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
  });
  queueArn = String(queue.arn);
  queueUrl = String(queue.url);
  await addRole(aws, "sender", [{ actions: ["sqs:SendMessage"], resources: [queueArn] }]);
  sqs = new SQSClient({ ...clientConfig(aws, "sender"), useQueueUrlAsEndpoint: false });
});
afterEach(() => aws.stop());

const send = (body: string, DelaySeconds = 0) =>
  sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds }));
const processed = () => aws.events.all().filter(({ kind }) => kind === "mapping.processed");
const deployHandler = (source: string, changes = {}) =>
  deploy(aws, { source, grants: [pollGrants(queueArn)], changes });

/** Fails on messages whose body is "bad". */
const PARTIAL = `exports.handler = async ({ Records }) => ({
  batchItemFailures: Records.filter((r) => r.body === "bad").map((r) => ({ itemIdentifier: r.messageId })),
})`;

describe("an event source mapping", () => {
  it("hands messages over and deletes them once they are handled", async () => {
    await deployHandler("exports.handler = async (event) => console.log(JSON.stringify(event))");
    await mapQueue(aws, queueArn);
    await send("hello");
    await eventually(() => expect(aws.functions.output("fn").join()).toContain("hello"));
    const line = aws.functions.output("fn").find((text) => text.includes("hello")) ?? "";
    expect(JSON.parse(line.slice(line.indexOf("{")))).toMatchObject({
      Records: [
        {
          body: "hello",
          eventSource: "aws:sqs",
          eventSourceARN: queueArn,
          awsRegion: "eu-west-1",
          attributes: { ApproximateReceiveCount: "1" },
          receiptHandle: expect.any(String),
        },
      ],
    });
    await eventually(() => expect(aws.leftovers().queues).toEqual([]));
  });

  it("deletes what succeeded and leaves what failed until its visibility timeout ends, then dead-letters it", async () => {
    await deployHandler(PARTIAL);
    await Promise.all(["good", "bad", "good"].map((body) => send(body)));
    await mapQueue(aws, queueArn);

    const left = { name: "jobs", visible: 0, delayed: 0, inFlight: 1 };
    await eventually(() => expect(aws.leftovers().queues).toEqual([left]));
    expect(aws.queues.messages("jobs").bodies).toEqual(["bad"]);
    await eventually(() => {
      aws.queues.releaseInFlight("jobs");
      expect(aws.queues.messages("dead").bodies).toEqual(["bad"]);
    });
    expect(processed().filter(({ failed }) => failed === 1)).toHaveLength(2);
  });

  it.each([
    ["a text", `"oops"`],
    ["failures that are no list", `{ batchItemFailures: "x" }`],
    ["an item without an identifier", `{ batchItemFailures: [{}] }`],
    ["an identifier of no message", `{ batchItemFailures: [{ itemIdentifier: "other" }] }`],
    ["another key", `{ failures: [] }`],
  ])("counts the whole batch as failed for %s", async (_what, answer) => {
    await deployHandler(`exports.handler = async () => (${answer})`);
    await mapQueue(aws, queueArn);
    await send("hello");
    await eventually(() => expect(processed()).toMatchObject([{ messages: 1, failed: 1 }]));
    expect(aws.queues.messages("jobs").inFlight).toBe(1);
  });

  it("counts the whole batch as failed when the function throws, dies or takes too long", async () => {
    await deployHandler(
      `exports.handler = async ({ Records: [r] }) => {
         if (r.body === "throw") throw new Error("no");
         if (r.body === "die") process.kill(process.pid, "SIGKILL");
         await new Promise((ok) => setTimeout(ok, 60000));
       }`,
      { timeout: 1 },
    );
    await mapQueue(aws, queueArn, { batch_size: 1 });
    await Promise.all(["throw", "die", "sleep"].map((body) => send(body)));
    await eventually(() => expect(processed()).toHaveLength(3));
    expect(processed().every(({ failed }) => failed === 1)).toBe(true);
    const errors = aws.events
      .all()
      .filter(({ kind }) => kind === "lambda.ended")
      .map(({ error }) => String(error));
    expect(errors.join("\n")).toMatch(/signal: killed/);
    expect(errors.join("\n")).toMatch(/timed out/);
  });

  it("deletes the batch without ReportBatchItemFailures, whatever the answer", async () => {
    await deployHandler(PARTIAL);
    await mapQueue(aws, queueArn, { function_response_types: [] });
    await send("bad");
    await eventually(() => expect(processed()).toHaveLength(1));
    await eventually(() => expect(aws.leftovers().queues).toEqual([]));
  });

  it("runs no more batches at once than its maximum concurrency", async () => {
    await deployHandler("let n = 0; exports.handler = async () => { await new Promise((ok) => setTimeout(ok, 300)); }");
    await Promise.all(Array.from({ length: 6 }, (_, index) => send(String(index))));
    await mapQueue(aws, queueArn, { batch_size: 1, scaling_config: [{ maximum_concurrency: 2 }] });
    await eventually(() => expect(processed()).toHaveLength(6));
    let running = 0;
    let most = 0;
    for (const { kind } of aws.events.all()) {
      if (kind === "lambda.invoked") running += 1;
      if (kind === "lambda.ended") running -= 1;
      most = Math.max(most, running);
    }
    expect(most).toBe(2);
  });

  it("hands a delayed message over once it is due", async () => {
    await deployHandler(PARTIAL);
    await mapQueue(aws, queueArn);
    await send("later", 900);
    expect(aws.leftovers().queues).toMatchObject([{ name: "jobs", delayed: 1 }]);
    aws.queues.releaseDelayed("jobs");
    await eventually(() => expect(aws.leftovers().queues).toEqual([]));
  });

  it("stops when it is destroyed", async () => {
    await deployHandler(PARTIAL);
    const state = await mapQueue(aws, queueArn);
    await destroy(aws, "aws_lambda_event_source_mapping", state);
    await send("hello");
    expect(aws.queues.messages("jobs").visible).toBe(1);
  });

  it("tells of its problem and goes on when the role loses a right and has it back", async () => {
    await deployHandler(PARTIAL);
    await mapQueue(aws, queueArn);
    const policies = aws.iam.roles.get("fn-role")?.policies;
    const saved = [...(policies ?? [])];
    policies?.clear();
    await aws.events.waitFor(({ kind }) => kind === "mapping.problem");
    for (const [name, policy] of saved) policies?.set(name, policy);
    await send("hello");
    await eventually(() => expect(processed()).toHaveLength(1));
  });
});

describe("CreateEventSourceMapping", () => {
  it("refuses a visibility timeout below the function's timeout", async () => {
    await deployHandler(PARTIAL, { timeout: 61 });
    await expect(mapQueue(aws, queueArn)).rejects.toThrow(
      "Queue visibility timeout: 60 seconds is less than Function timeout: 61 seconds",
    );
  });

  it("refuses a role that may not poll", async () => {
    await deploy(aws, { source: PARTIAL });
    await expect(mapQueue(aws, queueArn)).rejects.toThrow("does not have permissions to call ReceiveMessage on SQS");
  });

  it("refuses a concurrency of one and a batch above ten without a window", async () => {
    await deployHandler(PARTIAL);
    await expect(mapQueue(aws, queueArn, { scaling_config: [{ maximum_concurrency: 1 }] })).rejects.toThrow(
      "between 2",
    );
    await expect(mapQueue(aws, queueArn, { batch_size: 11 })).rejects.toThrow("MaximumBatchingWindowInSeconds");
  });
});
