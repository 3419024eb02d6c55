import {
  GetMicrovmCommand,
  ListMicrovmsCommand,
  RunMicrovmCommand,
  TerminateMicrovmCommand,
} from "@aws-sdk/client-lambda-microvms";
import { AwsClient } from "aws4fetch";
import { afterEach, describe, expect, it } from "vitest";
import type { AwsOptions } from "../../../../lab/aws/aws.ts";
import { microvmErrors } from "../../../../lab/aws/microvms/errors.ts";
import { eventually } from "../../../support/eventually.ts";
import { addRole } from "../support/apply.ts";
import { clientConfig, microvmsClient } from "../support/clients.ts";
import { buildImage, EXEC_ROLE_ARN, IMAGE_ARN } from "../support/image.ts";
import { type MicrovmLab, startMicrovmLab } from "../support/microvm-lab.ts";

let lab: MicrovmLab | undefined;
afterEach(async () => {
  await lab?.aws.stop();
  lab = undefined;
});

async function start(microvms: AwsOptions["microvms"] = {}): Promise<MicrovmLab> {
  lab = await startMicrovmLab({ microvms: { buildDelayMs: 0, bootDelayMs: 0, terminateDelayMs: 0, ...microvms } });
  await buildImage(lab.aws);
  return lab;
}

async function failure(promise: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number } }> {
  const outcome = await promise.then(
    () => new Error("accepted"),
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error("something that is no error was thrown");
}

describe("client tokens", () => {
  it("answer with the original response, even after the MicroVM's end", async () => {
    const lab = await start({ rates: "off" });
    const first = await lab.run({ clientToken: "job-1" });
    await lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: first.microvmId }));
    await eventually(() => expect(lab.state(first.microvmId)).toBe("TERMINATED"));

    const again = await lab.run({ clientToken: "job-1" });

    expect(again).toMatchObject({ microvmId: first.microvmId, state: "PENDING" });
    expect(lab.aws.microvms.machines()).toHaveLength(1);
  });

  it("make one MicroVM of two calls at once", async () => {
    const lab = await start({ rates: "off" });
    const [a, b] = await Promise.all([lab.run({ clientToken: "job-1" }), lab.run({ clientToken: "job-1" })]);
    expect(a.microvmId).toBe(b.microvmId);
    expect(lab.aws.microvms.machines()).toHaveLength(1);
  });

  it("refuse other parameters", async () => {
    const lab = await start({ rates: "off" });
    await lab.run({ clientToken: "job-1", runHookPayload: "a" });
    const error = await failure(lab.run({ clientToken: "job-1", runHookPayload: "b" }));
    expect(`${error.name}: ${error.message}`).toBe(
      "ValidationException: The provided clientToken was used with different request parameters.",
    );
  });

  it("are not used up by a call that was refused", async () => {
    const lab = await start({ rates: "off", memoryQuotaMib: 2_048 });
    const first = await lab.run();
    expect((await failure(lab.run({ clientToken: "job-2" }))).name).toBe("ServiceQuotaExceededException");
    await lab.client.send(new TerminateMicrovmCommand({ microvmIdentifier: first.microvmId }));
    await eventually(() => expect(lab.state(first.microvmId)).toBe("TERMINATED"));
    await expect(lab.run({ clientToken: "job-2" })).resolves.toMatchObject({ state: "PENDING" });
  });
});

describe("rates and quotas", () => {
  it("let five launches through at once and throttle the sixth with a Retry-After", async () => {
    const lab = await start({ rates: { RunMicrovm: { perSecond: 0.001, burst: 5, quotaCode: "L-535CA9B6" } } });
    await Promise.all([1, 2, 3, 4, 5].map(() => lab.run()));
    const error = await failure(lab.run());
    expect(error).toMatchObject({
      name: "ThrottlingException",
      retryAfterSeconds: 1,
      quotaCode: "L-535CA9B6",
      $metadata: { httpStatusCode: 429 },
    });
  });

  it("throttle ListMicrovms, for which no quota is listed", async () => {
    const lab = await start();
    await addRole(lab.aws, "lister", [{ actions: ["lambda:ListMicrovms"], resources: ["*"] }]);
    const client = microvmsClient(lab.aws, "lister");
    const outcomes = await Promise.all([1, 2, 3, 4, 5, 6].map(() => failure(client.send(new ListMicrovmsCommand({})))));
    expect(outcomes.map(({ name }) => name)).toContain("ThrottlingException");
  });

  it("answer a memory quota with HTTP 402", async () => {
    const lab = await start({ rates: "off", memoryQuotaMib: 4_096 });
    await lab.run();
    await lab.run();
    const error = await failure(lab.run());
    expect(error).toMatchObject({
      name: "ServiceQuotaExceededException",
      message: "The base maximum allocated memory limit has been reached for this account.",
      $metadata: { httpStatusCode: 402 },
    });
  });
});

describe("injected faults", () => {
  it("answer missing capacity with HTTP 500 as often as asked", async () => {
    const lab = await start({ rates: "off" });
    lab.aws.microvms.failNext("RunMicrovm", microvmErrors.insufficientCapacity(), 2);
    for (const _ of [1, 2]) {
      expect(await failure(lab.run())).toMatchObject({
        name: "InsufficientCapacityException",
        $metadata: { httpStatusCode: 500 },
      });
    }
    await expect(lab.run()).resolves.toMatchObject({ state: "PENDING" });
  });

  it("take effect without an answer", async () => {
    const lab = await start({ rates: "off" });
    lab.aws.microvms.failNext("RunMicrovm", "timeout-after-effect");
    await failure(lab.run({ clientToken: "job-1" }));
    expect(lab.aws.microvms.machines()).toHaveLength(1);
    await lab.run({ clientToken: "job-1" });
    expect(lab.aws.microvms.machines()).toHaveLength(1);
  });
});

describe("the protocol", () => {
  it("pages ListMicrovms by ten, at most fifty, and filters by image", async () => {
    const lab = await start({ rates: "off" });
    await addRole(lab.aws, "lister", [{ actions: ["lambda:ListMicrovms"], resources: ["*"] }]);
    const client = microvmsClient(lab.aws, "lister");
    await Promise.all(Array.from({ length: 12 }, () => lab.run()));

    const first = await client.send(new ListMicrovmsCommand({}));
    const second = await client.send(new ListMicrovmsCommand({ nextToken: first.nextToken }));

    expect(first.items).toHaveLength(10);
    expect(second.items).toHaveLength(2);
    expect(second.nextToken).toBeUndefined();
    expect((await failure(client.send(new ListMicrovmsCommand({ maxResults: 51 })))).message).toContain("50");
    const none = await client.send(new ListMicrovmsCommand({ imageIdentifier: `${IMAGE_ARN}-other` }));
    expect(none.items).toEqual([]);
    expect((await failure(client.send(new ListMicrovmsCommand({ imageIdentifier: "runner" })))).message).toContain(
      "Malformed ARN",
    );
  });

  it("answers an ARN that is not percent-encoded in the path with an HTML 404", async () => {
    const lab = await start({ rates: "off" });
    const { credentials, region } = clientConfig(lab.aws, "launcher");
    const client = new AwsClient({ ...credentials, region, service: "lambda", retries: 0 });
    const response = await client.fetch(
      `${lab.aws.endpoint}/2025-09-09/microvm-images/${IMAGE_ARN.replace("image:", "image/")}`,
    );
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("text/html");
  });

  it("knows no MicroVM resource: looking at one is authorised on its image", async () => {
    const lab = await start({ rates: "off" });
    const { microvmId } = await lab.run();
    await lab.client.send(new GetMicrovmCommand({ microvmIdentifier: microvmId }));
    expect(lab.aws.iam.decisions().at(-1)).toMatchObject({
      action: "lambda:GetMicrovm",
      resource: IMAGE_ARN,
      allowed: true,
    });
  });

  it("writes a MicroVM's log only when the launch asks for it and its role may", async () => {
    const lab = await start({ rates: "off" });
    const group = "/aws/lambda-microvms/runner";
    const streams = () => lab.aws.logs.read(group).filter(({ stream }) => stream.includes("]microvm-"));
    const { microvmId } = await lab.run();
    await eventually(() => expect(lab.state(microvmId)).toBe("RUNNING"));
    expect(streams()).toEqual([]);

    const logged = await lab.run({ logging: { cloudWatch: { logGroup: group } } });
    await eventually(() => expect(streams()).not.toEqual([]));
    expect(streams()[0]?.stream).toMatch(new RegExp(`^\\d{4}/\\d\\d/\\d\\d\\[1\\.0\\]${logged.microvmId}$`));
  });

  it("answers a launch while the image is UPDATING with a conflict", async () => {
    const lab = await start({ rates: "off", buildDelayMs: 0 });
    const arn = IMAGE_ARN;
    const image = lab.aws.microvms.images.get(arn);
    image.state = "UPDATING";
    const error = await failure(
      lab.client.send(new RunMicrovmCommand({ imageIdentifier: arn, executionRoleArn: EXEC_ROLE_ARN })),
    );
    expect(error).toMatchObject({ name: "ConflictException", resourceId: arn, $metadata: { httpStatusCode: 409 } });
  });
});
