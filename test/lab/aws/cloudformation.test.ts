import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabAws, startAws } from "../../../lab/aws/aws.ts";
import type { Values } from "../../../lab/terraform/behaviour.ts";
import { apply, change, destroy } from "./support/apply.ts";
import { CONNECTORS, prepareImage } from "./support/image.ts";
import { type MemoryGuests, memoryGuests } from "./support/memory-guests.ts";

const TYPE = "aws_cloudformation_stack";

let aws: LabAws;
let guests: MemoryGuests;
beforeAll(async () => {
  guests = memoryGuests();
  aws = await startAws({ guests });
  await prepareImage(aws);
});
afterAll(() => aws.stop());

const PROPERTIES = {
  Description: "a runner",
  BaseImageArn: "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1",
  BaseImageVersion: "1",
  BuildRoleArn: "arn:aws:iam::123456789012:role/build",
  CodeArtifact: { Uri: "s3://artifacts/code.zip" },
  CpuConfigurations: [{ Architecture: "ARM_64" }],
  Resources: [{ MinimumMemoryInMiB: 2048 }],
  AdditionalOsCapabilities: [],
  EgressNetworkConnectors: [`${CONNECTORS}:INTERNET_EGRESS`],
  EnvironmentVariables: [],
  Hooks: { Port: 9000, MicrovmImageHooks: { Ready: "ENABLED" }, MicrovmHooks: { Run: "ENABLED" } },
  Logging: { CloudWatch: { LogGroup: "/aws/lambda-microvms/runner" } },
};

/** A stack of one image; a property that is set to undefined is left out. */
function stack(name: string, properties: object = {}, resource: object = {}): Values {
  const image = {
    Type: "AWS::Lambda::MicrovmImage",
    Properties: { Name: name, ...PROPERTIES, ...properties },
    ...resource,
  };
  const Outputs = { Arn: { Value: { "Fn::GetAtt": ["Image", "ImageArn"] } } };
  return { name, on_failure: "DELETE", template_body: JSON.stringify({ Resources: { Image: image }, Outputs }) };
}

const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:microvm-image:${name}`;

describe("a CloudFormation stack with an image", () => {
  it("takes empty lists, shows its outputs and takes the image along when it goes", async () => {
    const state = await apply(aws, TYPE, stack("plain"));

    expect(state.outputs).toEqual({ Arn: arnOf("plain") });
    expect(aws.microvms.images.get(arnOf("plain")).versions[0]?.config.capabilities).toEqual([]);
    await destroy(aws, TYPE, state);
    expect(aws.microvms.images.find(arnOf("plain"))).toBeUndefined();
  });

  it("builds another version when a property changes, and none otherwise", async () => {
    const state = await apply(aws, TYPE, stack("changing"));
    await change(aws, TYPE, state, { tags: { a: "b" } });
    expect(aws.microvms.images.get(arnOf("changing")).versions).toHaveLength(1);

    await change(aws, TYPE, state, stack("changing", { Description: "another" }));
    expect(aws.microvms.images.get(arnOf("changing")).versions).toHaveLength(2);
  });

  it("that cannot be rolled back takes no update any more, and can be deleted", async () => {
    const state = await apply(aws, TYPE, stack("stuck"));
    const artifact = aws.objects.read("artifacts", "code.zip") ?? new Uint8Array();
    aws.objects.delete("artifacts", "code.zip");
    const broken = stack("stuck", { CodeArtifact: { Uri: "s3://artifacts/none.zip" } });

    await expect(change(aws, TYPE, state, broken)).rejects.toThrow(
      /unexpected state 'UPDATE_ROLLBACK_FAILED': .*S3_NO_SUCH_KEY.*its rollback: .*S3_NO_SUCH_KEY/,
    );
    aws.objects.put("artifacts", "code.zip", Buffer.from(artifact), "application/zip");
    await expect(change(aws, TYPE, state, stack("stuck", { Description: "another" }))).rejects.toThrow(
      "is in UPDATE_ROLLBACK_FAILED state and can not be updated",
    );
    await destroy(aws, TYPE, state);
    expect(aws.microvms.images.find(arnOf("stuck"))).toBeUndefined();
  });

  it("that meets another's build cannot be rolled back either, until that is over and somebody continues it", async () => {
    const state = await apply(aws, TYPE, stack("busy"));
    const image = aws.microvms.images.get(arnOf("busy"));
    image.state = "UPDATING";
    const another = stack("busy", { Description: "another" });

    await expect(change(aws, TYPE, state, another)).rejects.toThrow(
      /'UPDATE_ROLLBACK_FAILED': .*is in state UPDATING; and its rollback: .*is in state UPDATING/,
    );
    await expect(aws.stacks.continueRollback("busy")).rejects.toThrow("is in state UPDATING");
    image.state = "UPDATED";
    await expect(change(aws, TYPE, state, another)).rejects.toThrow("can not be updated");
    await aws.stacks.continueRollback("busy");
    await change(aws, TYPE, state, another);
    expect(image.versions.at(-1)?.config.description).toBe("another");
    await expect(aws.stacks.continueRollback("busy")).rejects.toThrow("is not in UPDATE_ROLLBACK_FAILED state");
  });

  it.each([
    [
      "a property is left out",
      { AdditionalOsCapabilities: undefined },
      "required key [AdditionalOsCapabilities] not found",
    ],
    ["a property does not exist", { Colour: "red" }, "extraneous key [Colour] is not permitted"],
    ["a nested key is left out", { CodeArtifact: {} }, "required key [Uri] not found"],
    ["a value is none of the closed set", { AdditionalOsCapabilities: ["SYS_ADMIN"] }, "AdditionalOsCapabilities"],
    ["a list is too long", { Resources: [...PROPERTIES.Resources, ...PROPERTIES.Resources] }, "Resources"],
  ])("is refused when %s", async (_what, properties, message) => {
    await expect(apply(aws, TYPE, stack("refused", properties))).rejects.toThrow(message);
  });

  it("never gives an image's name free again", async () => {
    await destroy(aws, TYPE, await apply(aws, TYPE, stack("once")));
    await expect(apply(aws, TYPE, stack("once"))).rejects.toThrow("null already exists.");
  });

  it("stays in the way after a failure, unless it is told to go", async () => {
    guests.answers.ready = 404;
    await expect(apply(aws, TYPE, { ...stack("failing"), on_failure: "ROLLBACK" })).rejects.toThrow("NotStabilized");
    guests.answers.ready = 200;
    await expect(apply(aws, TYPE, stack("failing", { Name: "other" }))).rejects.toThrow("AlreadyExistsException");

    guests.answers.ready = 404;
    await expect(apply(aws, TYPE, stack("deleted"))).rejects.toThrow("NotStabilized");
    guests.answers.ready = 200;
    await expect(apply(aws, TYPE, stack("deleted", { Name: "second" }))).resolves.toMatchObject({
      outputs: { Arn: arnOf("second") },
    });
  });

  it("keeps the image when it is told to", async () => {
    await destroy(aws, TYPE, await apply(aws, TYPE, stack("kept", {}, { DeletionPolicy: "Retain" })));
    expect(aws.microvms.images.find(arnOf("kept"))).toBeDefined();
  });
});

describe("an alarm", () => {
  it("is refused when its name is taken", async () => {
    const alarm = await apply(aws, "aws_cloudwatch_metric_alarm", { alarm_name: "jobs" });
    expect(alarm.arn).toBe("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:jobs");
    await expect(apply(aws, "aws_cloudwatch_metric_alarm", { alarm_name: "jobs" })).rejects.toThrow("taken");
    await destroy(aws, "aws_cloudwatch_metric_alarm", alarm);
    await expect(apply(aws, "aws_cloudwatch_metric_alarm", { alarm_name: "jobs" })).resolves.toBeDefined();
  });
});
