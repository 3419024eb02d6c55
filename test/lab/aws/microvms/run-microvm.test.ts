import { RunMicrovmCommand } from "@aws-sdk/client-lambda-microvms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addRole, trust } from "../support/apply.ts";
import { microvmsClient } from "../support/clients.ts";
import { buildImage, CONNECTORS, EXEC_ROLE_ARN, IMAGE_ARN, imageArguments, LAUNCH_GRANTS } from "../support/image.ts";
import { type MicrovmLab, startMicrovmLab } from "../support/microvm-lab.ts";

describe("RunMicrovm", () => {
  let lab: MicrovmLab;

  beforeAll(async () => {
    lab = await startMicrovmLab({ microvms: { rates: "off" } });
    await buildImage(lab.aws);
    await buildImage(lab.aws, hookless());
    await addRole(lab.aws, "all", [{ actions: ["lambda:*", "iam:PassRole"], resources: ["*"] }]);
  });
  afterAll(() => lab.aws.stop());

  function hookless() {
    const { hooks: _, ...rest } = imageArguments({ name: "hookless" });
    return { ...rest, hooks: { microvm_hooks: { run: "DISABLED" } } };
  }
  const refusal = async (promise: Promise<unknown>) =>
    promise.then(
      () => "accepted",
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : "no error"),
    );
  const asAll = (input: object) =>
    microvmsClient(lab.aws, "all").send(new RunMicrovmCommand({ imageIdentifier: IMAGE_ARN, ...input }));

  it("answers PENDING with what was launched and echoes neither payload nor token", async () => {
    const answer = await lab.run({ runHookPayload: "secret", clientToken: "the-token", imageVersion: "1.0" });

    expect(answer).toMatchObject({
      state: "PENDING",
      imageArn: IMAGE_ARN,
      imageVersion: "1.0",
      executionRoleArn: EXEC_ROLE_ARN,
      endpoint: `${answer.microvmId}.lambda-microvm.eu-west-1.on.aws`,
    });
    expect(answer.microvmId).toMatch(/^microvm-[0-9a-f-]{36}$/);
    expect(JSON.stringify(answer)).not.toMatch(/secret|the-token/);
  });

  it("takes a payload of 4,096 bytes", async () => {
    await expect(lab.run({ runHookPayload: "x".repeat(4_096) })).resolves.toMatchObject({ state: "PENDING" });
  });

  it("refuses a payload of 4,097 bytes", async () => {
    expect(await refusal(lab.run({ runHookPayload: "x".repeat(4_097) }))).toBe(
      "ValidationException: Value at 'runHookPayload' failed to satisfy constraint: Member must have length less than or equal to 4096",
    );
  });

  it("counts the payload in UTF-8 bytes", async () => {
    expect(await refusal(lab.run({ runHookPayload: "é".repeat(2_049) }))).toContain("less than or equal to 4096");
  });

  it("checks the payload's length before it looks for the image", async () => {
    const input = { imageIdentifier: `${IMAGE_ARN}-none`, runHookPayload: "x".repeat(4_097) };
    expect(await refusal(lab.run(input))).toContain("runHookPayload");
  });

  it("refuses a payload when the image has no run hook", async () => {
    expect(
      await refusal(asAll({ imageIdentifier: IMAGE_ARN.replace("runner", "hookless"), runHookPayload: "x" })),
    ).toBe("ValidationException: The run hook must be enabled in the MicroVM image to pass the run hook payload");
  });

  it("refuses the bare name of an image", async () => {
    expect(await refusal(lab.run({ imageIdentifier: "runner" }))).toBe(
      "ValidationException: Malformed ARN - doesn't start with 'arn:'",
    );
  });

  it("refuses an image ARN with a slash as if a permission were missing", async () => {
    const imageIdentifier = IMAGE_ARN.replace("image:runner", "image/runner");
    expect(await refusal(asAll({ imageIdentifier }))).toContain("AccessDeniedException");
  });

  it("answers the same for an image that does not exist and for one without an active version", async () => {
    expect(await refusal(asAll({ imageIdentifier: `${IMAGE_ARN}-none` }))).toBe(
      "ResourceNotFoundException: No active version found",
    );
  });

  it("refuses a version that does not exist or has another form", async () => {
    expect(await refusal(lab.run({ imageVersion: "9.0" }))).toContain("No active version found");
    expect(await refusal(lab.run({ imageVersion: "1" }))).toContain("No active version found");
    expect(await refusal(lab.run({ imageVersion: "1 0" }))).toContain("imageVersion");
  });

  it("records a public endpoint when no ingress connector is named", async () => {
    const { microvmId } = await lab.run();
    const machine = lab.aws.microvms.machines().find(({ id }) => id === microvmId);
    expect(machine).toMatchObject({
      ingress: [`${CONNECTORS}:HTTP_INGRESS`],
      egress: [`${CONNECTORS}:INTERNET_EGRESS`],
    });
  });

  it("takes connectors by their full ARN only", async () => {
    expect(await refusal(lab.run({ ingressNetworkConnectors: ["NO_INGRESS"] }))).toBe(
      "ValidationException: Malformed network connector ARN",
    );
    await expect(lab.run({ ingressNetworkConnectors: [`${CONNECTORS}:NO_INGRESS`] })).resolves.toMatchObject({
      ingressNetworkConnectors: [`${CONNECTORS}:NO_INGRESS`],
    });
  });

  it("refuses logging without an execution role", async () => {
    const logging = { cloudWatch: { logGroup: "/aws/lambda-microvms/runner" } };
    expect(await refusal(asAll({ logging }))).toBe(
      "ValidationException: Logging cannot be enabled without providing executionRoleArn",
    );
  });

  it("takes one member of the logging union and a log group's characters only", async () => {
    expect(await refusal(lab.run({ logging: { cloudWatch: { logGroup: "a b" } } }))).toContain(
      "logging.cloudWatch.logGroup",
    );
    expect(await refusal(lab.run({ logging: { cloudWatch: { logGroup: "g", logStream: "a:b" } } }))).toContain(
      "logStream",
    );
  });

  it("launches without an execution role", async () => {
    await expect(asAll({})).resolves.toMatchObject({ state: "PENDING" });
  });

  it("wants all three members of an idle policy and at least 60 seconds", async () => {
    const policy = { maxIdleDurationSeconds: 59, suspendedDurationSeconds: 0, autoResumeEnabled: false };
    expect(await refusal(lab.run({ idlePolicy: policy }))).toContain("greater than or equal to 60");
    const partial = { maxIdleDurationSeconds: 60, suspendedDurationSeconds: 0, autoResumeEnabled: undefined };
    expect(await refusal(lab.run({ idlePolicy: partial }))).toContain("autoResumeEnabled");
  });

  it("takes a maximum duration of 1 to 28,800 seconds", async () => {
    expect(await refusal(lab.run({ maximumDurationInSeconds: 28_801 }))).toContain("less than or equal to 28800");
    expect(await refusal(lab.run({ maximumDurationInSeconds: 0 }))).toContain("greater than or equal to 1");
  });

  it("takes a client token of at most 128 characters", async () => {
    expect(await refusal(lab.run({ clientToken: "x".repeat(129) }))).toContain("clientToken");
  });

  it("refuses a role ARN of another form", async () => {
    expect(await refusal(lab.run({ executionRoleArn: "arn:aws:iam::1:role/exec" }))).toContain("executionRoleArn");
  });
});

describe("RunMicrovm's permissions", () => {
  let lab: MicrovmLab;

  beforeAll(async () => {
    lab = await startMicrovmLab({ microvms: { rates: "off" } });
    await buildImage(lab.aws);
  });
  afterAll(() => lab.aws.stop());

  const runAs = async (role: string, executionRoleArn = EXEC_ROLE_ARN) => {
    try {
      await microvmsClient(lab.aws, role).send(new RunMicrovmCommand({ imageIdentifier: IMAGE_ARN, executionRoleArn }));
      return "accepted";
    } catch (error: unknown) {
      return error instanceof Error ? `${error.name}: ${error.message}` : "no error";
    }
  };

  it("authorises on the image's ARN with the prefix lambda", async () => {
    await addRole(lab.aws, "other-image", [
      { actions: ["lambda:RunMicrovm"], resources: [`${IMAGE_ARN}-other`] },
      ...LAUNCH_GRANTS.slice(1),
    ]);
    expect(await runAs("other-image")).toBe(
      `AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/other-image/test is not authorized to perform: lambda:RunMicrovm on resource: ${IMAGE_ARN} because no identity-based policy allows the lambda:RunMicrovm action`,
    );
  });

  it("wants PassNetworkConnector for the default connectors too", async () => {
    await addRole(
      lab.aws,
      "no-connector",
      LAUNCH_GRANTS.filter(({ actions }) => !actions[0]?.includes("Connector")),
    );
    expect(await runAs("no-connector")).toContain(
      `not authorized to perform: lambda:PassNetworkConnector on resource: ${CONNECTORS}:HTTP_INGRESS`,
    );
  });

  it("honours the scope of PassNetworkConnector", async () => {
    await addRole(lab.aws, "one-connector", [
      ...LAUNCH_GRANTS.filter(({ actions }) => !actions[0]?.includes("Connector")),
      { actions: ["lambda:PassNetworkConnector"], resources: [`${CONNECTORS}:HTTP_INGRESS`] },
    ]);
    expect(await runAs("one-connector")).toContain(`${CONNECTORS}:INTERNET_EGRESS`);
  });

  it("wants PassRole on the execution role", async () => {
    await addRole(lab.aws, "no-pass", LAUNCH_GRANTS.slice(0, 2));
    expect(await runAs("no-pass")).toContain(`iam:PassRole on resource: ${EXEC_ROLE_ARN}`);
  });

  it("refuses PassRole under a condition on iam:PassedToService", async () => {
    await addRole(lab.aws, "passed-to", [
      ...LAUNCH_GRANTS.slice(0, 2),
      {
        actions: ["iam:PassRole"],
        resources: [EXEC_ROLE_ARN],
        condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
      },
    ]);
    expect(await runAs("passed-to")).toContain("not authorized to perform: iam:PassRole");
  });

  it.each(["aws:SourceAccount", "aws:SourceArn"])("blames PassRole for a condition on %s in the trust", async (key) => {
    const name = `exec-${key.split(":")[1]}`;
    const condition =
      key === "aws:SourceAccount"
        ? { StringEquals: { [key]: "123456789012" } }
        : { ArnLike: { [key]: "arn:aws:lambda:*" } };
    const arn = await addRole(lab.aws, name, [], trust(undefined, condition));
    await addRole(lab.aws, `launch-${name}`, [...LAUNCH_GRANTS, { actions: ["iam:PassRole"], resources: [arn] }]);
    expect(await runAs(`launch-${name}`, arn)).toContain("not authorized to perform: iam:PassRole");
  });

  it("blames PassRole for a trust without sts:TagSession", async () => {
    const arn = await addRole(lab.aws, "exec-untagged", [], trust(["sts:AssumeRole"]));
    await addRole(lab.aws, "launch-untagged", [...LAUNCH_GRANTS, { actions: ["iam:PassRole"], resources: [arn] }]);
    expect(await runAs("launch-untagged", arn)).toContain("not authorized to perform: iam:PassRole");
  });

  it("blames PassRole for a role that does not exist", async () => {
    const arn = "arn:aws:iam::123456789012:role/ghost";
    await addRole(lab.aws, "launch-ghost", [...LAUNCH_GRANTS, { actions: ["iam:PassRole"], resources: [arn] }]);
    expect(await runAs("launch-ghost", arn)).toContain("not authorized to perform: iam:PassRole");
  });
});
