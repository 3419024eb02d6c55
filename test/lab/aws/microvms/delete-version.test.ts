import {
  DeleteMicrovmImageVersionCommand,
  GetMicrovmImageCommand,
  type LambdaMicrovmsClient,
  ListMicrovmImageVersionsCommand,
  ListMicrovmsCommand,
  RunMicrovmCommand,
  UpdateMicrovmImageCommand,
  UpdateMicrovmImageVersionCommand,
} from "@aws-sdk/client-lambda-microvms";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type LabClock, realClock } from "../../../../lab/aws/clock.ts";
import type { Values } from "../../../../lab/terraform/behaviour.ts";
import { eventually } from "../../../support/eventually.ts";
import { addRole, change } from "../support/apply.ts";
import { microvmsClient } from "../support/clients.ts";
import { buildImage, IMAGE_ARN } from "../support/image.ts";
import { type MicrovmLab, startMicrovmLab } from "../support/microvm-lab.ts";

/** Told apart from all other delays by its length. */
const DELETION_MS = 77_777_777;

let lab: MicrovmLab;
let admin: LambdaMicrovmsClient;
let deletions: (() => void)[];

beforeEach(async () => {
  deletions = [];
  // A deletion ends when the test says so; everything else goes on.
  const clock: LabClock = {
    ...realClock,
    setTimeout: (callback, ms) =>
      ms === DELETION_MS ? void deletions.push(callback) : realClock.setTimeout(callback, ms),
  };
  lab = await startMicrovmLab({
    clock,
    microvms: {
      rates: "off",
      buildDelayMs: 0,
      hookRetryMs: 1,
      bootDelayMs: 0,
      terminateDelayMs: 0,
      deleteDelayMs: DELETION_MS,
    },
  });
  await addRole(lab.aws, "admin", [{ actions: ["lambda:*", "iam:PassRole"], resources: ["*"] }]);
  admin = microvmsClient(lab.aws, "admin");
});
afterEach(() => lab.aws.stop());

/** Builds so many versions, one after the other; returns Terraform's state of the image. */
async function build(count: number): Promise<Values> {
  const state = await buildImage(lab.aws);
  for (let number = 2; number <= count; number++) {
    await change(lab.aws, "awscc_lambda_microvm_image", state, { description: `build ${number}` });
  }
  return state;
}

const remove = (imageVersion: string) =>
  admin.send(new DeleteMicrovmImageVersionCommand({ imageIdentifier: IMAGE_ARN, imageVersion }));
const versions = async () => {
  const { items } = await admin.send(
    new ListMicrovmImageVersionsCommand({ imageIdentifier: IMAGE_ARN, maxResults: 50 }),
  );
  return items?.map(({ imageVersion, state }) => [imageVersion, state]);
};
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "accepted",
    (error: unknown) => error,
  );

it("shows a version as DELETING until it is gone, and its number is not used again", async () => {
  await build(2);

  expect(await remove("1.0")).toMatchObject({ imageIdentifier: IMAGE_ARN, imageVersion: "1.0", state: "DELETING" });
  expect(await versions()).toEqual([
    ["1.0", "DELETING"],
    ["2.0", "SUCCESSFUL"],
  ]);
  deletions[0]?.();
  expect(await versions()).toEqual([["2.0", "SUCCESSFUL"]]);
  expect(await failure(remove("1.0"))).toMatchObject({ name: "ResourceNotFoundException" });
});

it("keeps the image UPDATING meanwhile, in which all but looking is a conflict", async () => {
  await build(3);
  await remove("1.0");

  const image = { imageIdentifier: IMAGE_ARN };
  expect(await admin.send(new GetMicrovmImageCommand(image))).toMatchObject({ state: "UPDATING" });
  const update = {
    ...image,
    baseImageArn: "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1",
    buildRoleArn: "arn:aws:iam::123456789012:role/build",
    codeArtifact: { uri: "s3://artifacts/code.zip" },
  };
  const calls = [
    () => remove("2.0"),
    () => admin.send(new UpdateMicrovmImageCommand(update)),
    () => admin.send(new UpdateMicrovmImageVersionCommand({ ...image, imageVersion: "2.0", status: "INACTIVE" })),
    () => admin.send(new RunMicrovmCommand(image)),
    () => admin.send(new RunMicrovmCommand({ ...image, imageVersion: "2.0" })),
  ];
  for (const call of calls) expect(await failure(call())).toMatchObject({ name: "ConflictException" });

  deletions[0]?.();
  expect(await admin.send(new GetMicrovmImageCommand(image))).toMatchObject({
    state: "UPDATED",
    latestActiveImageVersion: "3.0",
  });
  await admin.send(new RunMicrovmCommand(image));
});

it("leaves the MicroVMs of a deleted version running", async () => {
  const state = await build(1);
  const { microvmId } = await lab.run();
  await eventually(() => expect(lab.state(microvmId)).toBe("RUNNING"));
  await change(lab.aws, "awscc_lambda_microvm_image", state, { description: "build 2" });
  await remove("1.0");
  deletions[0]?.();

  const { items } = await admin.send(new ListMicrovmsCommand({ imageIdentifier: IMAGE_ARN, imageVersion: "1.0" }));
  expect(items).toMatchObject([{ microvmId, imageVersion: "1.0", state: "RUNNING" }]);
});

it("counts failed versions, which make room when they are deleted", async () => {
  const state = await build(1);
  lab.guests.answers.validate = 500;
  for (let number = 2; number <= 50; number++) {
    await failure(change(lab.aws, "awscc_lambda_microvm_image", state, { description: `build ${number}` }));
  }
  lab.guests.answers = {};
  const next = () => change(lab.aws, "awscc_lambda_microvm_image", state, { description: "the next" });
  expect(String(await failure(next()))).toContain("maximum number of MicroVM image versions");

  await remove("2.0");
  deletions[0]?.();
  expect(await next()).toMatchObject({ latest_active_image_version: "51.0" });
});

it("lists versions by ten, at most fifty, each token good for the page that follows", async () => {
  await build(13);
  const list = (input: { maxResults?: number; nextToken?: string | undefined }) =>
    admin.send(new ListMicrovmImageVersionsCommand({ imageIdentifier: IMAGE_ARN, ...input }));

  const first = await list({});
  const second = await list({ nextToken: first.nextToken });
  expect([first.items?.length, second.items?.length, second.nextToken]).toEqual([10, 3, undefined]);
  expect((await list({ maxResults: 1 })).items).toHaveLength(1);
  expect((await list({ maxResults: 50 })).items).toHaveLength(13);
  for (const maxResults of [0, 51])
    expect(await failure(list({ maxResults }))).toMatchObject({ name: "ValidationException" });
  expect(await failure(list({ nextToken: "of another list" }))).toMatchObject({ name: "ValidationException" });
});
