import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LaunchMessage } from "../../../contract/messages.ts";
import { createSqsQueue } from "../../../dispatcher/aws/sqs-queue.ts";
import type { Queue } from "../../../dispatcher/ports.ts";
import { createManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryQueue } from "../../../lab/world/services/memory-queue.ts";
import { createSecretWatch } from "../../support/secret-watch.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../../support/signed-fetch-for.ts";

interface Received {
  body: string;
  receiptHandle: string;
}
interface Subject {
  queue: Queue;
  receive(): Promise<Received[]>;
}

let fauxqs: FauxqsServer;
let client: SQSClient;
beforeAll(async () => {
  fauxqs = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${fauxqs.port}`;
  client = new SQSClient({ endpoint, region: "eu-west-1", credentials: LOCAL_CREDENTIALS });
});
afterAll(async () => {
  client.destroy();
  await fauxqs.stop();
});

const secrets = createSecretWatch();
secrets.addSecret(LOCAL_CREDENTIALS.secretAccessKey);
secrets.addSecret(LOCAL_CREDENTIALS.sessionToken);

let queueCount = 0;
function overFauxqs(): Subject {
  const { queueUrl } = fauxqs.createQueue(`jobs-${++queueCount}`, { region: "eu-west-1" });
  const endpoint = `http://127.0.0.1:${fauxqs.port}`;
  return {
    queue: secrets.watch(createSqsQueue(signedFetchFor("sqs", endpoint), queueUrl)),
    async receive() {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 300 }),
      );
      return Messages.map(({ Body = "", ReceiptHandle = "" }) => ({ body: Body, receiptHandle: ReceiptHandle }));
    },
  };
}

function inMemory(): Subject {
  const queue = createMemoryQueue({ clock: createManualClock(), visibilityTimeoutSeconds: 300 });
  return { queue: secrets.watch(queue), receive: async () => queue.receive() };
}

const message: LaunchMessage = {
  type: "launch",
  jobId: 11,
  runId: 22,
  repository: "acme/shop",
  labels: ["self-hosted", "größe"],
  deliveryId: "d-1",
};

const implementations: [string, () => Subject][] = [
  ["in memory", inMemory],
  ["SQS", overFauxqs],
];

describe.each(implementations)("the queue, %s", (_, create) => {
  it("carries a message unchanged", async () => {
    const { queue, receive } = create();

    await queue.send(message);

    const [received] = await receive();
    expect(JSON.parse(received?.body ?? "")).toEqual(message);
  });

  it("hides a message that is sent with a delay", async () => {
    const { queue, receive } = create();

    await queue.send(message, 900);

    expect(await receive()).toEqual([]);
  });

  it("hides a received message and shows it again when told to", async () => {
    const { queue, receive } = create();
    await queue.send(message);
    const [received] = await receive();
    expect(await receive()).toEqual([]);

    await queue.changeVisibility(received?.receiptHandle ?? "", 0);

    expect(await receive()).toHaveLength(1);
  });

  it("refuses a receipt handle that it never gave", async () => {
    const { queue } = create();

    await expect(queue.changeVisibility("unknown", 0)).rejects.toMatchObject({ disposition: "retry" });
  });
});

describe("errors of the queue", () => {
  // fauxqs accepts any delay; what SQS does is held by the queue in memory alone.
  it("name a delay that SQS does not have", async () => {
    await expect(inMemory().queue.send(message, 901)).rejects.toMatchObject({ name: "RefusedError" });
  });

  it("name a queue that does not exist", async () => {
    const endpoint = `http://127.0.0.1:${fauxqs.port}`;
    const queue = secrets.watch(createSqsQueue(signedFetchFor("sqs", endpoint), `${endpoint}/123456789012/none`));

    await expect(queue.send(message)).rejects.toMatchObject({ name: "NotFoundError" });
  });

  it("show no secret", () => {
    secrets.expectNoLeak();
  });
});
