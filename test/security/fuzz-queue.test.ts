import type { SQSRecord } from "aws-lambda";
import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { createLogger } from "../../contract/log.ts";
import type { QueueMessage } from "../../contract/messages.ts";
import { NOBODY_WAITS } from "../../dispatcher/core/fair-places.ts";
import { NO_HOLD } from "../../dispatcher/core/runner-hold.ts";
import { NO_RELEASES } from "../../dispatcher/core/runner-releases.ts";
import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import { handleBatch } from "../../dispatcher/flows/handle-message.ts";
import { functionEnvironment } from "../../lab/world/services/function-environment.ts";
import { createManualClock } from "../../lab/world/services/manual-clock.ts";
import { createMemoryCapacity } from "../../lab/world/services/memory-capacity.ts";
import { createMemoryCell } from "../../lab/world/services/memory-cell.ts";
import { createMemoryDeployment } from "../../lab/world/services/memory-deployment.ts";
import { createMemoryGitHub } from "../../lab/world/services/memory-github.ts";
import { createMemoryJobStore } from "../../lab/world/services/memory-job-store.ts";
import { createMemoryMicrovms } from "../../lab/world/services/memory-microvms.ts";
import { createMemoryPace } from "../../lab/world/services/memory-pace.ts";
import { createMemoryQueue } from "../../lab/world/services/memory-queue.ts";
import { classPorts } from "../support/class-ports.ts";
import { anyText, nearly } from "./fuzz-inputs.ts";
import { fuzz, printRuns } from "./fuzz-runs.ts";

afterAll(() => void process.stdout.write(`${printRuns()}\n`));

const KEY = "the App's key of the fuzzing";
const clock = createManualClock();
const lines: string[] = [];
const microvms = createMemoryMicrovms({ clock });
const deps: DispatcherDeps = {
  environment: { ...functionEnvironment, MAX_CONCURRENCY: 5 },
  region: "eu-west-1",
  jobs: createMemoryJobStore(),
  pace: createMemoryPace(),
  capacity: createMemoryCapacity(),
  placesQueue: createMemoryCell(NOBODY_WAITS),
  deployment: createMemoryDeployment(),
  hold: createMemoryCell(NO_HOLD),
  ...classPorts(),
  releases: createMemoryCell(NO_RELEASES),
  microvms,
  queue: createMemoryQueue({ clock }),
  secret: async () => ({ webhook_secrets: ["w"], github_app: { app_id: "1", private_key: KEY } }),
  github: async () => github,
  clock,
  sleep: async (ms) => clock.advance(ms / 1_000),
  random: () => 0.5,
  log: createLogger((line) => lines.push(line)),
};
const github = createMemoryGitHub({ clock, repositories: ["acme/shop"] });

const messages: QueueMessage[] = [
  {
    type: "launch",
    jobId: 11,
    runId: 22,
    repository: "acme/shop",
    labels: ["self-hosted", "microvm"],
    deliveryId: "d",
  },
  { type: "started", jobId: 12, launchId: "11-1" },
  { type: "watch", jobId: 11, due: "2026-01-01T12:02:00.000Z" },
  {
    type: "finish",
    source: "completed",
    launchId: "11-1",
    jobId: 11,
    runId: 22,
    repository: "acme/shop",
    conclusion: "success",
  },
];

function recordOf(body: string, index: number, receiveCount: string): SQSRecord {
  return {
    messageId: `message-${index}`,
    receiptHandle: `handle-${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: receiveCount,
      SentTimestamp: "0",
      SenderId: "AROA",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:gha-jobs",
    awsRegion: "eu-west-1",
  };
}

it("handles any batch of messages: what it cannot read is dropped, and no secret is logged", async () => {
  const body = fc.oneof(...messages.map((message) => ({ weight: 2, arbitrary: nearly(message) })), {
    weight: 1,
    arbitrary: anyText,
  });
  const batch = fc.record({
    bodies: fc.array(body, { minLength: 1, maxLength: 5 }),
    receiveCount: fc.constantFrom("1", "2", "300", "", "x"),
    again: fc.boolean(),
  });
  await fuzz("queue message (batches of up to 5)", 3_000, batch, async ({ bodies, receiveCount }) => {
    lines.length = 0;
    clock.advance(1);
    const invocation = { requestId: "request", deadline: new Date(clock.now().getTime() + 30_000) };
    const records = bodies.map((each, index) => recordOf(each, index, receiveCount));

    const { batchItemFailures } = await handleBatch(deps, invocation, { Records: records });

    const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    expect(records.map(({ messageId }) => messageId)).toEqual(expect.arrayContaining(failed));
    const written = lines.join("\n");
    expect(written).not.toContain(KEY);
    expect(written).not.toMatch(/TypeError|RangeError|ReferenceError|SyntaxError/);
  });
  // Inputs that are all dropped at the first look would show nothing.
  expect(microvms.all().length).toBeGreaterThan(0);
});
