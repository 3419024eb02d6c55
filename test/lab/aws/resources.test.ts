import { strToU8, unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type LabAws, startAws } from "../../../lab/aws/aws.ts";
import { addRole, apply, change, destroy, trust } from "./support/apply.ts";
import { manualClock } from "./support/manual-clock.ts";
import { memoryGuests } from "./support/memory-guests.ts";

let aws: LabAws;
beforeAll(async () => {
  aws = await startAws({ guests: memoryGuests() });
});
afterAll(() => aws.stop());

describe("a role", () => {
  it("gets an ARN with its path and is gone once it is destroyed", async () => {
    const role = await apply(aws, "aws_iam_role", { name: "a", path: "/x/", assume_role_policy: trust() });
    expect(role).toMatchObject({ id: "a", arn: "arn:aws:iam::123456789012:role/x/a" });
    await destroy(aws, "aws_iam_role", role);
    expect(aws.providers.aws.resources.aws_iam_role?.read?.(role)).toBeNull();
  });

  it.each([
    ["no JSON", "x"],
    ["no policy", '{"Statement": 1}'],
    ["an effect that does not exist", trust().replace("Allow", "Maybe")],
  ])("is refused when its trust is %s", async (_what, assume_role_policy) => {
    const create = apply(aws, "aws_iam_role", { name: "bad", path: "/", assume_role_policy });
    await expect(create).rejects.toThrow("MalformedPolicyDocument");
  });

  it("is refused twice under one name, and cannot go before its policies", async () => {
    await addRole(aws, "twice", [{ actions: ["sqs:SendMessage"], resources: ["*"] }]);
    await expect(addRole(aws, "twice", [])).rejects.toThrow("EntityAlreadyExists");
    await expect(destroy(aws, "aws_iam_role", { id: "twice" })).rejects.toThrow("DeleteConflict");
    await destroy(aws, "aws_iam_role_policy", { role: "twice", name: "own" });
    await destroy(aws, "aws_iam_role", { id: "twice" });
  });

  it("is refused beside one whose name differs in case only, and with tags whose keys do", async () => {
    const twin = { path: "/", assume_role_policy: trust() };
    const tagged = { ...twin, name: "tagged", tags_all: { Team: "a", team: "b" } };
    const made = await apply(aws, "aws_iam_role", { ...twin, name: "Case" });

    await expect(apply(aws, "aws_iam_role", { ...twin, name: "case" })).rejects.toThrow("EntityAlreadyExists");
    await expect(apply(aws, "aws_iam_role", tagged)).rejects.toThrow(
      "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
    await destroy(aws, "aws_iam_role", made);
  });

  it("may do no more than its permissions boundary, and what an attached policy grants", async () => {
    const document = (Action: string) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
    const boundary = await apply(aws, "aws_iam_policy", { name: "boundary", policy: document("sqs:*") });
    const wide = await apply(aws, "aws_iam_policy", { name: "wide", policy: document("*") });
    const permissions_boundary = String(boundary.arn);
    await apply(aws, "aws_iam_role", { name: "bound", assume_role_policy: trust(), permissions_boundary });
    const bound = { roleName: "bound", sessionName: "s" };
    const receive = { action: "sqs:ReceiveMessage", resource: aws.queues.arn("any") };
    expect(await aws.iam.isAllowed(bound, receive)).toBe(false);
    await apply(aws, "aws_iam_role_policy_attachment", { role: "bound", policy_arn: String(wide.arn) });
    expect(await aws.iam.isAllowed(bound, receive)).toBe(true);
    const parameter = { action: "ssm:GetParameter", resource: aws.parameters.arn("/p") };
    expect(await aws.iam.isAllowed(bound, parameter)).toBe(false);
  });

  it("takes no policy before it exists", async () => {
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    const create = apply(aws, "aws_iam_role_policy", { name: "p", role: "ghost", policy });
    await expect(create).rejects.toThrow("NoSuchEntity");
  });
});

describe("a queue", () => {
  it("has the URL and ARN that AWS gives", async () => {
    expect(await apply(aws, "aws_sqs_queue", { name: "q" })).toMatchObject({
      url: "https://sqs.eu-west-1.amazonaws.com/123456789012/q",
      arn: "arn:aws:sqs:eu-west-1:123456789012:q",
    });
  });

  it("keeps its name for 60 seconds after it was deleted, which the provider waits for", async () => {
    const clock = manualClock();
    const other = await startAws({ guests: memoryGuests(), clock });
    onTestFinished(() => other.stop());
    const queue = await apply(other, "aws_sqs_queue", { name: "again" });
    await destroy(other, "aws_sqs_queue", queue);
    expect(() => other.queues.create("again", {})).toThrow("You must wait 60 seconds after deleting a queue");

    const created = apply(other, "aws_sqs_queue", { name: "again" });
    await clock.advance(59_000);
    expect(other.queues.has("again")).toBe(false);
    await clock.advance(1_000);
    await expect(created).resolves.toMatchObject({ name: "again" });
  });

  it("changes its attributes in place", async () => {
    const queue = await apply(aws, "aws_sqs_queue", { name: "changing", visibility_timeout_seconds: 30 });
    await change(aws, "aws_sqs_queue", queue, { visibility_timeout_seconds: 90 });
    expect(aws.queues.visibilityTimeoutSeconds("changing")).toBe(90);
  });

  it("is refused when its dead-letter queue does not exist", async () => {
    const redrive_policy = JSON.stringify({ deadLetterTargetArn: aws.queues.arn("none"), maxReceiveCount: 1 });
    await expect(apply(aws, "aws_sqs_queue", { name: "r", redrive_policy })).rejects.toThrow("Dead letter target");
  });
});

describe("a bucket", () => {
  it("is not destroyed with objects in it unless that is asked for", async () => {
    const bucket = await apply(aws, "aws_s3_bucket", { bucket: "full", force_destroy: false });
    const zip = Buffer.from(zipSync({ a: strToU8("1") }));
    const object = await apply(aws, "aws_s3_object", {
      bucket: "full",
      key: "a.zip",
      content_base64: zip.toString("base64"),
    });
    expect(object).toMatchObject({ id: "full/a.zip", arn: "arn:aws:s3:::full/a.zip" });
    expect(Object.keys(unzipSync(zip))).toEqual(["a"]);
    await expect(destroy(aws, "aws_s3_bucket", bucket)).rejects.toThrow("BucketNotEmpty");
    await destroy(aws, "aws_s3_bucket", { ...bucket, force_destroy: true });
    expect(aws.providers.aws.resources.aws_s3_bucket?.read?.(bucket)).toBeNull();
  });

  it("has to exist before its settings and objects", async () => {
    const setting = apply(aws, "aws_s3_bucket_public_access_block", { bucket: "ghost" });
    await expect(setting).rejects.toThrow("NoSuchBucket");
    await expect(apply(aws, "aws_s3_object", { bucket: "ghost", key: "a", content: "" })).rejects.toThrow(
      "NoSuchBucket",
    );
  });
});

describe("a table", () => {
  it("is created, read and destroyed", async () => {
    const table = await apply(aws, "aws_dynamodb_table", {
      name: "jobs",
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "id",
      attribute: [{ name: "id", type: "S" }],
    });
    expect(table.arn).toBe("arn:aws:dynamodb:eu-west-1:123456789012:table/jobs");
    const behaviour = aws.providers.aws.resources.aws_dynamodb_table;
    expect(await behaviour?.read?.(table)).toEqual({});
    await destroy(aws, "aws_dynamodb_table", table);
    await expect.poll(() => behaviour?.read?.(table)).toBeNull();
  });
});

describe("a parameter", () => {
  it("counts its versions", async () => {
    const parameter = await apply(aws, "aws_ssm_parameter", { name: "/p", type: "SecureString", value: "a" });
    expect(parameter).toMatchObject({ arn: "arn:aws:ssm:eu-west-1:123456789012:parameter/p", version: 1 });
    expect(await change(aws, "aws_ssm_parameter", parameter, { value: "b" })).toMatchObject({ version: 2 });
  });

  it("of the standard tier holds at most 4 KB", async () => {
    const create = apply(aws, "aws_ssm_parameter", { name: "/big", type: "String", value: "x".repeat(4_097) });
    await expect(create).rejects.toThrow("Standard tier");
  });
});

it("refuses a log group that exists already", async () => {
  await apply(aws, "aws_cloudwatch_log_group", { name: "/g" });
  await expect(apply(aws, "aws_cloudwatch_log_group", { name: "/g" })).rejects.toThrow("ResourceAlreadyExists");
});

it("applies a bucket policy to calls", async () => {
  await apply(aws, "aws_s3_bucket", { bucket: "guarded" });
  await addRole(aws, "reader", [{ actions: ["s3:GetObject"], resources: ["*"] }]);
  const statement = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::guarded/*" };
  const policyOf = (condition: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ ...statement, ...condition }] });
  const access = {
    action: "s3:GetObject",
    resource: "arn:aws:s3:::guarded/a",
    get resourcePolicy() {
      return aws.iam.resourcePolicies.get("arn:aws:s3:::guarded");
    },
  };
  const reader = { roleName: "reader", sessionName: "s" };

  const tlsOnly = policyOf({ Condition: { Bool: { "aws:SecureTransport": "false" } } });
  const policy = await apply(aws, "aws_s3_bucket_policy", { bucket: "guarded", policy: tlsOnly });
  expect(await aws.iam.isAllowed(reader, access)).toBe(true);
  await change(aws, "aws_s3_bucket_policy", policy, { policy: policyOf({}) });
  expect(await aws.iam.isAllowed(reader, access)).toBe(false);
});
