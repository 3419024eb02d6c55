import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabAws, startAws } from "../../../lab/aws/aws.ts";
import { defaultKeyPolicy, type KeyService } from "../../../lab/aws/kms.ts";
import { addRole, apply, change, type Grant } from "./support/apply.ts";
import { clientConfig } from "./support/clients.ts";
import { buildImage, imageArguments, putArtifact } from "./support/image.ts";
import { memoryGuests } from "./support/memory-guests.ts";

const LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group";
/** CloudWatch Logs guide, encrypting log data: what a key's policy says for the service. */
const logsStatement = (group: string) => ({
  Effect: "Allow",
  Principal: { Service: "logs.eu-west-1.amazonaws.com" },
  Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
  Resource: "*",
  Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `${LOGS}:${group}` } },
});

let aws: LabAws;
let key: string;
let queueUrl: string;

const policy = (...statements: object[]) => {
  const { Statement: first, ...rest } = defaultKeyPolicy(aws.account);
  return JSON.stringify({ ...rest, Statement: [first, statements].flat() });
};

beforeAll(async () => {
  aws = await startAws({ guests: memoryGuests() });
  key = String((await apply(aws, "aws_kms_key", { policy: policy(logsStatement("/app/*")) })).arn);
  queueUrl = String((await apply(aws, "aws_sqs_queue", { name: "jobs", kms_master_key_id: key })).url);
  await apply(aws, "aws_dynamodb_table", {
    name: "jobs",
    hash_key: "id",
    attribute: [{ name: "id", type: "S" }],
    server_side_encryption: [{ enabled: true, kms_key_arn: key }],
  });
  await apply(aws, "aws_ssm_parameter", { name: "/app/secret", type: "SecureString", value: "s3cret", key_id: key });
  await apply(aws, "aws_s3_bucket", { bucket: "artifacts" });
  await apply(aws, "aws_s3_bucket_server_side_encryption_configuration", {
    bucket: "artifacts",
    rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: "aws:kms", kms_master_key_id: key }] }],
  });
  await putArtifact(aws, "code.zip", { Dockerfile: "FROM scratch" });
  await apply(aws, "aws_cloudwatch_log_group", { name: "/app/log", kms_key_id: key });
});
afterAll(() => aws.stop());

let serial = 0;
/** A role that may do everything with the data, and with the key what is said. */
async function roleWith(...grants: Grant[]): Promise<string> {
  serial += 1;
  const all = ["sqs:*", "dynamodb:*", "ssm:*", "s3:*", "logs:*"];
  await addRole(aws, `role-${serial}`, [{ actions: all, resources: ["*"] }, ...grants]);
  return `role-${serial}`;
}

const mayUse = (service: KeyService, ...actions: string[]): Grant => ({
  actions: actions.map((action) => `kms:${action}`),
  resources: [key],
  condition: { StringEquals: { "kms:ViaService": `${service}.eu-west-1.amazonaws.com` } },
});

const sqs = (role: string) => new SQSClient({ ...clientConfig(aws, role), useQueueUrlAsEndpoint: false });
const dynamodb = (role: string) => new DynamoDBClient(clientConfig(aws, role));
const s3 = (role: string) => new S3Client({ ...clientConfig(aws, role), forcePathStyle: true });
const Key = { id: { S: "1" } };
const CALLS: [
  what: string,
  service: KeyService,
  actions: string[],
  refusal: object,
  call: (role: string) => Promise<unknown>,
][] = [
  [
    "a message sent",
    "sqs",
    ["GenerateDataKey", "Decrypt"],
    { name: "KmsAccessDenied" },
    (role) => sqs(role).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "hello" })),
  ],
  [
    "a message received",
    "sqs",
    ["Decrypt"],
    { name: "KmsAccessDenied" },
    (role) => sqs(role).send(new ReceiveMessageCommand({ QueueUrl: queueUrl })),
  ],
  [
    "an item read",
    "dynamodb",
    ["Decrypt"],
    { name: "AccessDeniedException", message: expect.stringMatching(/^KMS key access denied error: /) },
    (role) => dynamodb(role).send(new GetItemCommand({ TableName: "jobs", Key })),
  ],
  [
    "an item written",
    "dynamodb",
    ["Decrypt"],
    { name: "AccessDeniedException", message: expect.stringMatching(/^KMS key access denied error: /) },
    (role) => dynamodb(role).send(new PutItemCommand({ TableName: "jobs", Item: Key })),
  ],
  [
    "a parameter read",
    "ssm",
    ["Decrypt"],
    { name: "AccessDeniedException" },
    (role) =>
      new SSMClient(clientConfig(aws, role)).send(
        new GetParameterCommand({ Name: "/app/secret", WithDecryption: true }),
      ),
  ],
  [
    "an object read",
    "s3",
    ["Decrypt"],
    { name: "AccessDenied" },
    (role) => s3(role).send(new GetObjectCommand({ Bucket: "artifacts", Key: "code.zip" })),
  ],
  [
    "an object written",
    "s3",
    ["GenerateDataKey"],
    { name: "AccessDenied" },
    (role) => s3(role).send(new PutObjectCommand({ Bucket: "artifacts", Key: "new", Body: "x" })),
  ],
];

describe.each(CALLS)("%s under a customer's key", (_what, service, actions, refusal, call) => {
  it("is refused to a role without any right to the key, as the service words it", async () => {
    const because = `not authorized to perform: kms:${actions[0]} on resource: ${key} because no identity-based policy allows`;
    const role = await roleWith();

    await expect(call(role)).rejects.toMatchObject(refusal);
    await expect(call(role)).rejects.toThrow(because);
  });

  it("needs each of the rights, through this very service", async () => {
    for (const missing of actions) {
      const left = actions.filter((action) => action !== missing);
      const role = await (left.length === 0 ? roleWith() : roleWith(mayUse(service, ...left)));
      await expect(call(role)).rejects.toThrow(`kms:${missing}`);
    }
    await expect(call(await roleWith(mayUse(service === "sqs" ? "ssm" : "sqs", ...actions)))).rejects.toThrow("kms:");
    await expect(call(await roleWith(mayUse(service, ...actions)))).resolves.toBeDefined();
  });
});

describe("a right to the key", () => {
  it("can be bound to the encryption context of one resource", async () => {
    const context = (arn: string): Grant => ({
      actions: ["kms:Decrypt"],
      resources: [key],
      condition: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": arn } },
    });
    const receive = async (arn: string) =>
      sqs(await roleWith(context(arn))).send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));

    await expect(receive(aws.queues.arn("other"))).rejects.toThrow("kms:Decrypt");
    await expect(receive(aws.queues.arn("jobs"))).resolves.toBeDefined();
  });
});

describe("a log group under a customer's key", () => {
  const write = (roleName: string, group = "/app/log") =>
    aws.logs.write({ roleName, sessionName: "s" }, group, "s", ["x"]);
  const ALL = ["Decrypt", "DescribeKey", "GenerateDataKey"];

  it("is written by a role only that may use the key through CloudWatch Logs", async () => {
    expect(await write(await roleWith())).toBe(false);
    for (const missing of ALL) {
      expect(await write(await roleWith(mayUse("logs", ...ALL.filter((each) => each !== missing))))).toBe(false);
    }
    expect(await write(await roleWith(mayUse("ssm", ...ALL)))).toBe(false);
    expect(await write(await roleWith(mayUse("logs", ...ALL)))).toBe(true);
  });

  it("is not made when the key's policy does not let the service use it for the group", async () => {
    const refused = apply(aws, "aws_cloudwatch_log_group", { name: "/other/log", kms_key_id: key });
    await expect(refused).rejects.toThrow("does not exist or is not allowed to be used with Arn");
    const plain = String((await apply(aws, "aws_kms_key", {})).arn);
    await expect(apply(aws, "aws_cloudwatch_log_group", { name: "/app/plain", kms_key_id: plain })).rejects.toThrow(
      "AccessDeniedException",
    );
  });

  it("takes no more lines once the key's policy has lost the service", async () => {
    const own = await apply(aws, "aws_kms_key", { policy: policy(logsStatement("/app/*")) });
    await apply(aws, "aws_cloudwatch_log_group", { name: "/app/lost", kms_key_id: String(own.arn) });
    const role = await roleWith({ ...mayUse("logs", ...ALL), resources: [String(own.arn)] });

    expect(await write(role, "/app/lost")).toBe(true);
    await change(aws, "aws_kms_key", own, { policy: policy() });
    expect(await write(role, "/app/lost")).toBe(false);
  });
});

describe("an image whose code is under a customer's key", () => {
  it("is built only by a role that may have S3 decrypt it", async () => {
    const build = async (...grants: Grant[]) => {
      const role = await roleWith(...grants);
      const build_role_arn = `arn:aws:iam::123456789012:role/${role}`;
      return buildImage(aws, { ...imageArguments(), name: role, build_role_arn });
    };

    await expect(build()).rejects.toThrow("S3_ACCESS_DENIED");
    await expect(build(mayUse("s3", "GenerateDataKey"))).rejects.toThrow("kms:Decrypt");
    expect(await build(mayUse("s3", "Decrypt"))).toMatchObject({ state: "CREATED" });
  });
});
