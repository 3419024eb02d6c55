import {
  CreateMicrovmImageCommand,
  DeleteMicrovmImageVersionCommand,
  GetMicrovmImageCommand,
  GetMicrovmImageVersionCommand,
  type LambdaMicrovmsClient,
  ListManagedMicrovmImageVersionsCommand,
  ListMicrovmImageBuildsCommand,
  ListMicrovmImagesCommand,
  ListMicrovmImageVersionsCommand,
  RunMicrovmCommand,
  UpdateMicrovmImageCommand,
  UpdateMicrovmImageVersionCommand,
} from "@aws-sdk/client-lambda-microvms";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../../../lab/terraform/behaviour.ts";
import { eventually } from "../../../support/eventually.ts";
import { addRole, change, destroy, trust } from "../support/apply.ts";
import { microvmsClient } from "../support/clients.ts";
import { buildImage, IMAGE_ARN, imageArguments, putArtifact } from "../support/image.ts";
import { type MicrovmLab, startMicrovmLab } from "../support/microvm-lab.ts";

let lab: MicrovmLab;
let admin: LambdaMicrovmsClient;
let serial = 0;
let name = "";

beforeAll(async () => {
  lab = await startMicrovmLab({
    microvms: { rates: "off", buildDelayMs: 0, hookRetryMs: 1, bootDelayMs: 0, terminateDelayMs: 0 },
  });
  await addRole(lab.aws, "admin", [{ actions: ["lambda:*", "iam:PassRole"], resources: ["*"] }]);
  admin = microvmsClient(lab.aws, "admin");
});
afterAll(() => lab.aws.stop());
beforeEach(() => {
  serial += 1;
  name = `image-${serial}`;
  lab.guests.answers = {};
});

const arnOf = (image: string) => IMAGE_ARN.replace(":runner", `:${image}`);
const build = (changes: Values = {}) => buildImage(lab.aws, { name, ...changes });
const refusal = async (promise: Promise<unknown>) =>
  promise.then(
    () => "accepted",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  );

describe("a build", () => {
  it("leaves an image of which Terraform keeps the id alone, when it is the first and fails", async () => {
    lab.guests.answers = { ready: 500 };
    const error = await build().catch((problem: unknown) => problem);

    expect(error).toMatchObject({ left: { id: arnOf(name) }, message: expect.stringContaining("NotStabilized") });
    const again = await build().catch((problem: unknown) => problem);
    expect(again).toMatchObject({ left: undefined, message: expect.stringContaining("null already exists.") });
    await destroy(lab.aws, "awscc_lambda_microvm_image", { id: arnOf(name) });
    expect(lab.aws.microvms.images.find(arnOf(name))).toBeUndefined();
  });

  it("makes version 1.0 active, asking ready and validate on guests of their own", async () => {
    lab.guests.calls.length = 0;
    const state = await build();

    expect(state).toMatchObject({ image_arn: arnOf(name), state: "CREATED", latest_active_image_version: "1.0" });
    expect(lab.guests.calls.map((call) => call.name)).toEqual(["ready", "validate"]);
    expect(new Set(lab.guests.calls.map((call) => call.microvmId)).size).toBe(2);
    const version = await admin.send(
      new GetMicrovmImageVersionCommand({ imageIdentifier: arnOf(name), imageVersion: "1.0" }),
    );
    expect(version).toMatchObject({ state: "SUCCESSFUL", status: "ACTIVE", baseImageVersion: "1.0" });
  });

  it("asks again while ready answers 503", async () => {
    lab.guests.answers.ready = [503, "refuse", 503, 200];
    await expect(build()).resolves.toMatchObject({ state: "CREATED" });
  });

  it("fails with NotStabilized on a 4xx, and the reason stands in the builds", async () => {
    lab.guests.answers.ready = 404;
    expect(await refusal(build())).toContain("NotStabilized");

    const builds = await admin.send(
      new ListMicrovmImageBuildsCommand({ imageIdentifier: arnOf(name), imageVersion: "1.0" }),
    );
    expect(builds.items).toHaveLength(2);
    expect(builds.items?.[0]).toMatchObject({
      buildState: "FAILED",
      stateReason: "Ready hook check failed: the application returned a client error (HTTP 4xx) response",
    });
    const image = await admin.send(new GetMicrovmImageCommand({ imageIdentifier: arnOf(name) }));
    expect(image).toMatchObject({ state: "CREATE_FAILED", latestFailedImageVersion: "1.0" });
    expect(image).not.toHaveProperty("stateReason");
  });

  it("fails when ready never gets done in its time", async () => {
    lab.guests.answers.ready = 503;
    const { hooks } = imageArguments();
    const short = { ...(hooks as Values), microvm_image_hooks: { ready: "ENABLED", ready_timeout_in_seconds: 1 } };
    expect(await refusal(build({ hooks: short }))).toContain("Ready hook invocation timed out after PT1S");
  });

  it("fails without a Dockerfile at the artifact's root", async () => {
    await putArtifact(lab.aws, "nested.zip", { "context/Dockerfile": "FROM scratch" });
    const uri = "s3://artifacts/nested.zip";
    expect(await refusal(build({ code_artifact: { uri } }))).toContain("ARCHIVE_DOCKERFILE_NOT_FOUND");
  });

  it("fails when the artifact does not exist", async () => {
    expect(await refusal(build({ code_artifact: { uri: "s3://artifacts/none.zip" } }))).toContain("S3_NO_SUCH_KEY");
  });

  it("fails when the build role may not read the artifact", async () => {
    const role = await addRole(lab.aws, `${name}-build`, []);
    expect(await refusal(build({ build_role_arn: role }))).toContain("S3_ACCESS_DENIED");
  });

  it("leaves no log stream when the build role may not log", async () => {
    const artifact = { actions: ["s3:GetObject"], resources: ["arn:aws:s3:::artifacts/*"] };
    const role = await addRole(lab.aws, `${name}-build`, [artifact]);
    const before = lab.aws.logs.read("/aws/lambda-microvms/runner").length;
    await build({ build_role_arn: role });
    expect(lab.aws.logs.read("/aws/lambda-microvms/runner")).toHaveLength(before);
  });

  it("is refused when the build role's trust has a condition on aws:SourceAccount", async () => {
    const condition = { StringEquals: { "aws:SourceAccount": "123456789012" } };
    const role = await addRole(lab.aws, `${name}-build`, [], trust(undefined, condition));
    expect(await refusal(build({ build_role_arn: role }))).toContain("not authorized to perform: iam:PassRole");
  });
});

describe("an image's configuration", () => {
  it.each([
    [{ resources: [{ minimum_memory_in_mi_b: 32_768 }] }, "The requested memory size of 32768 MiB is not supported"],
    [{ base_image_version: "0.0" }, "Base image version 0.0 is not valid"],
    [{ base_image_version: "999" }, "Base image version 999 is not valid"],
    [
      { environment_variables: [{ key: "AWS_REGION", value: "x" }] },
      "Environment variable key 'AWS_REGION' is reserved",
    ],
    [{ egress_network_connectors: ["INTERNET_EGRESS"] }, "Malformed network connector ARN"],
    [{ hooks: { port: 9000, microvm_hooks: { run: "DISABLED" } } }, "At least one MicroVM hook or MicroVM image hook"],
    [{ hooks: { port: 9000, microvm_hooks: { run: "ENABLED" } } }, "The ready hook must be enabled"],
    [
      { hooks: { port: 9000, microvm_image_hooks: { ready: "ENABLED" }, microvm_hooks: { run: "/run" } } },
      "Member must satisfy enum value set: [DISABLED, ENABLED]",
    ],
    [
      {
        hooks: {
          port: 9000,
          microvm_image_hooks: { ready: "ENABLED" },
          microvm_hooks: { run: "ENABLED", run_timeout_in_seconds: 61 },
        },
      },
      "less than or equal to 60",
    ],
    [{ additional_os_capabilities: ["SYS_ADMIN"] }, "enum value set: [ALL]"],
    [{ cpu_configurations: [{ architecture: "X86_64" }] }, "enum value set: [ARM_64]"],
    [{ name: "a.b" }, "regular expression"],
    [{ name: "x".repeat(65) }, "less than or equal to 64"],
  ])("is refused for %j", async (changes, message) => {
    expect(await refusal(build(changes))).toContain(message);
  });

  it("needs every property: an empty set is left out of the request", async () => {
    expect(await refusal(build({ additional_os_capabilities: [], environment_variables: [] }))).toContain(
      "required key [AdditionalOsCapabilities] not found, #: required key [EnvironmentVariables] not found",
    );
  });
});

describe("versions", () => {
  it("count up with each update, which resets what it leaves out", async () => {
    const state = await build();
    await putArtifact(lab.aws, "second.zip", { Dockerfile: "FROM scratch", extra: "x" });

    const updated = await change(lab.aws, "awscc_lambda_microvm_image", state, {
      code_artifact: { uri: "s3://artifacts/second.zip" },
    });

    expect(updated).toMatchObject({ image_arn: arnOf(name), state: "UPDATED", latest_active_image_version: "2.0" });
    await admin.send(
      new UpdateMicrovmImageCommand({
        imageIdentifier: arnOf(name),
        baseImageArn: "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1",
        buildRoleArn: "arn:aws:iam::123456789012:role/build",
        codeArtifact: { uri: "s3://artifacts/code.zip" },
      }),
    );
    await eventually(() => expect(lab.aws.microvms.images.get(arnOf(name)).state).toBe("UPDATED"));
    const { items } = await admin.send(new ListMicrovmImageVersionsCommand({ imageIdentifier: arnOf(name) }));
    expect(items?.map((item) => item.imageVersion)).toEqual(["1.0", "2.0", "3.0"]);
    expect(items?.[2]?.hooks?.microvmHooks?.run).toBe("DISABLED");
  });

  it("leave the image UPDATE_FAILED when a build fails, until another succeeds", async () => {
    const state = await build();
    lab.guests.answers.validate = 500;
    expect(await refusal(change(lab.aws, "awscc_lambda_microvm_image", state, { description: "new" }))).toContain(
      "NotStabilized",
    );
    expect(lab.aws.microvms.images.get(arnOf(name))).toMatchObject({ state: "UPDATE_FAILED", latestFailed: "2.0" });
    lab.guests.answers = {};
    await expect(change(lab.aws, "awscc_lambda_microvm_image", state, { description: "newer" })).resolves.toMatchObject(
      {
        latest_active_image_version: "3.0",
      },
    );
  });

  it("that are INACTIVE cannot be launched, pinned or not", async () => {
    await build();
    await admin.send(
      new UpdateMicrovmImageVersionCommand({ imageIdentifier: arnOf(name), imageVersion: "1.0", status: "INACTIVE" }),
    );
    expect(await refusal(asAdmin({}))).toBe("No active version found");
    expect(await refusal(asAdmin({ imageVersion: "1.0" }))).toBe("No active version found");
  });

  const asAdmin = (input: object) => admin.send(new RunMicrovmCommand({ imageIdentifier: arnOf(name), ...input }));

  it("cannot all be deleted", async () => {
    await build();
    const command = new DeleteMicrovmImageVersionCommand({ imageIdentifier: arnOf(name), imageVersion: "1.0" });
    expect(await refusal(admin.send(command))).toBe("This is the last version. Please delete the entire image");
  });

  it("of the managed image come newest first", async () => {
    const imageIdentifier = "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1";
    const { items } = await admin.send(new ListManagedMicrovmImageVersionsCommand({ imageIdentifier }));
    expect(items?.map((item) => item.imageVersion)).toEqual(["1", "0"]);
  });
});

describe("names", () => {
  it("are never given free again", async () => {
    const state = await build();
    await destroy(lab.aws, "awscc_lambda_microvm_image", state);
    expect(await refusal(build())).toContain("null already exists. ErrorCode: AlreadyExists");
  });

  it("that are taken are refused by CreateMicrovmImage", async () => {
    await build();
    const command = new CreateMicrovmImageCommand({
      name,
      baseImageArn: "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1",
      buildRoleArn: "arn:aws:iam::123456789012:role/build",
      codeArtifact: { uri: "s3://artifacts/code.zip" },
    });
    expect(await refusal(admin.send(command))).toBe(
      `A MicroVM image with the name '${name}' already exists in this account`,
    );
  });

  it("are filtered after the page is cut", async () => {
    await build();
    const page = await admin.send(new ListMicrovmImagesCommand({ maxResults: 1, nameFilter: name }));
    expect(page.items).toEqual([]);
    expect(page.nextToken).toBeDefined();
  });
});

it("refuses to delete an image while MicroVMs of it exist", async () => {
  const state = await build();
  await admin.send(new RunMicrovmCommand({ imageIdentifier: arnOf(name) }));
  expect(await refusal(destroy(lab.aws, "awscc_lambda_microvm_image", state))).toContain("has running MicroVMs");
});
