import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LabAws, startAws } from "../../../lab/aws/aws.ts";
import { AwsError } from "../../../lab/aws/aws-error.ts";
import { addRole, apply } from "./support/apply.ts";
import { clientConfig } from "./support/clients.ts";
import { memoryGuests } from "./support/memory-guests.ts";

let aws: LabAws;
let queueUrl: string;

beforeAll(async () => {
  aws = await startAws({ guests: memoryGuests() });
  queueUrl = String((await apply(aws, "aws_sqs_queue", { name: "jobs" })).url);
  await apply(aws, "aws_sqs_queue", { name: "other" });
  await apply(aws, "aws_dynamodb_table", { name: "jobs", hash_key: "id", attribute: [{ name: "id", type: "S" }] });
  await apply(aws, "aws_ssm_parameter", { name: "/app/secret", type: "SecureString", value: "s3cret" });
  await apply(aws, "aws_s3_bucket", { bucket: "artifacts" });
  await apply(aws, "aws_s3_object", { bucket: "artifacts", key: "a/b c.txt", content: "hello" });
  await addRole(aws, "worker", [
    { actions: ["sqs:SendMessage", "sqs:ReceiveMessage"], resources: ["arn:aws:sqs:eu-west-1:123456789012:jobs"] },
    {
      actions: ["dynamodb:PutItem", "dynamodb:GetItem"],
      resources: ["arn:aws:dynamodb:eu-west-1:123456789012:table/jobs"],
    },
    { actions: ["ssm:GetParameter"], resources: ["arn:aws:ssm:eu-west-1:123456789012:parameter/app/*"] },
    { actions: ["s3:GetObject"], resources: ["arn:aws:s3:::artifacts/*"] },
  ]);
  await addRole(aws, "nobody", []);
});
afterAll(() => aws.stop());

const sqsAs = (role: string) => new SQSClient({ ...clientConfig(aws, role), useQueueUrlAsEndpoint: false });
const send = (role: string, url = queueUrl) =>
  sqsAs(role).send(new SendMessageCommand({ QueueUrl: url, MessageBody: "hello" }));

describe("a permitted call", () => {
  it("reaches SQS by the SDK", async () => {
    await send("worker");
    const { Messages } = await sqsAs("worker").send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    expect(Messages?.[0]?.Body).toBe("hello");
  });

  it("reaches DynamoDB by the SDK, conditions included", async () => {
    const client = new DynamoDBClient(clientConfig(aws, "worker"));
    const put = new PutItemCommand({
      TableName: "jobs",
      Item: { id: { S: "1" } },
      ConditionExpression: "attribute_not_exists(id)",
    });
    await client.send(put);
    const { Item } = await client.send(new GetItemCommand({ TableName: "jobs", Key: { id: { S: "1" } } }));
    expect(Item).toEqual({ id: { S: "1" } });
    await expect(client.send(put)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  });

  it("reaches S3 by the SDK, also for a key that has to be encoded", async () => {
    const client = new S3Client({ ...clientConfig(aws, "worker"), forcePathStyle: true });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: "artifacts", Key: "a/b c.txt" }));
    expect(await Body?.transformToString()).toBe("hello");
  });

  it("reaches every service by a signing fetch", async () => {
    const { credentials, region } = clientConfig(aws, "worker");
    const client = new AwsClient({ ...credentials, region, service: "ssm", retries: 0 });
    const response = await client.fetch(aws.endpoint, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.GetParameter" },
      body: JSON.stringify({ Name: "/app/secret", WithDecryption: true }),
    });
    expect(await response.json()).toMatchObject({ Parameter: { Value: "s3cret" } });
  });
});

describe("a parameter", () => {
  const get = (role: string, Name: string, WithDecryption: boolean) =>
    new SSMClient(clientConfig(aws, role)).send(new GetParameterCommand({ Name, WithDecryption }));

  it("stays encrypted unless decryption is asked for", async () => {
    const { Parameter } = await get("worker", "/app/secret", false);
    expect(Parameter).toMatchObject({ Type: "SecureString" });
    expect(Parameter?.Value).not.toContain("s3cret");
  });

  it("that does not exist is a ParameterNotFound", async () => {
    await expect(get("worker", "/app/none", true)).rejects.toMatchObject({ name: "ParameterNotFound" });
  });

  it("under a customer's key asks for kms:Decrypt too", async () => {
    const key_id = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    await apply(aws, "aws_ssm_parameter", { name: "/app/keyed", type: "SecureString", value: "x", key_id });
    await expect(get("worker", "/app/keyed", true)).rejects.toThrow(`kms:Decrypt on resource: ${key_id}`);
  });
});

describe("a call without permission", () => {
  it("is refused as SQS does", async () => {
    await expect(send("nobody")).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
      message:
        "User: arn:aws:sts::123456789012:assumed-role/nobody/test is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:123456789012:jobs because no identity-based policy allows the sqs:SendMessage action",
    });
  });

  it("is refused on another resource than the policy names", async () => {
    await expect(send("worker", queueUrl.replace("jobs", "other"))).rejects.toThrow("sqs:SendMessage on resource");
  });

  it("is refused as SSM and DynamoDB do", async () => {
    const ssm = new SSMClient(clientConfig(aws, "nobody"));
    await expect(ssm.send(new GetParameterCommand({ Name: "/app/secret" }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    const dynamodb = new DynamoDBClient(clientConfig(aws, "nobody"));
    await expect(
      dynamodb.send(new GetItemCommand({ TableName: "jobs", Key: { id: { S: "1" } } })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("is refused as S3 does", async () => {
    const client = new S3Client({ ...clientConfig(aws, "nobody"), forcePathStyle: true });
    await expect(client.send(new GetObjectCommand({ Bucket: "artifacts", Key: "a/b c.txt" }))).rejects.toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
  });

  it("tells an explicit deny", async () => {
    const role = aws.iam.roles.get("worker");
    role?.policies.set("deny", {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: "sqs:*", Resource: "*" }],
    });
    await expect(send("worker")).rejects.toThrow("with an explicit deny in an identity-based policy");
    role?.policies.delete("deny");
  });

  it("stands in the decisions, as does one that was permitted", async () => {
    await send("worker");
    await send("nobody").catch(() => undefined);
    const [permitted, denied] = aws.iam.decisions().slice(-2);
    const call = { action: "sqs:SendMessage", resource: "arn:aws:sqs:eu-west-1:123456789012:jobs" };
    expect(permitted).toMatchObject({ role: "worker", allowed: true, ...call });
    expect(denied).toMatchObject({ role: "nobody", allowed: false, ...call });
  });
});

describe("the signature", () => {
  const signed = async (overrides: {
    body?: string;
    secret?: string;
    token?: string;
    region?: string;
    key?: string;
  }) => {
    const { credentials, region } = clientConfig(aws, "worker");
    const client = new AwsClient({
      accessKeyId: overrides.key ?? credentials.accessKeyId,
      secretAccessKey: overrides.secret ?? credentials.secretAccessKey,
      sessionToken: overrides.token ?? credentials.sessionToken,
      region: overrides.region ?? region,
      service: "sqs",
      retries: 0,
    });
    const request = await client.sign(aws.endpoint, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" },
      body: JSON.stringify({ QueueUrl: queueUrl, MessageBody: "a" }),
    });
    const response = await fetch(request.url, {
      method: "POST",
      headers: request.headers,
      body: overrides.body ?? JSON.stringify({ QueueUrl: queueUrl, MessageBody: "a" }),
    });
    return `${response.status} ${(await response.text()).match(/[A-Z]\w+Exception/)?.[0] ?? "ok"}`;
  };

  it("is accepted when all is right", async () => {
    expect(await signed({})).toBe("200 ok");
  });

  it("covers the body", async () => {
    expect(await signed({ body: JSON.stringify({ QueueUrl: queueUrl, MessageBody: "b" }) })).toBe(
      "403 InvalidSignatureException",
    );
  });

  it("needs the right secret, token, region and a key that exists", async () => {
    expect(await signed({ secret: "wrong" })).toBe("403 InvalidSignatureException");
    expect(await signed({ token: "wrong" })).toBe("403 UnrecognizedClientException");
    expect(await signed({ region: "us-east-1" })).toBe("403 InvalidSignatureException");
    expect(await signed({ key: "ASIAWRONG" })).toBe("403 UnrecognizedClientException");
  });

  it("cannot be left out", async () => {
    const response = await fetch(aws.endpoint, { method: "POST" });
    expect(response.status).toBe(403);
  });
});

describe("a hook on calls", () => {
  const visible = () => aws.queues.messages("jobs").visible;

  it("fails a call before it has an effect", async () => {
    const before = visible();
    aws.gateway.onCall({ service: "sqs", operation: "SendMessage", times: 1 }, () => ({
      fail: new AwsError("ServiceUnavailable", 503, "try again"),
    }));
    await expect(send("worker")).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    expect(visible()).toBe(before);
    await expect(send("worker")).resolves.toBeDefined();
  });

  it("cuts the connection after the effect", async () => {
    const before = visible();
    aws.gateway.onCall({ operation: "SendMessage", phase: "after", times: 1 }, () => "disconnect");
    await expect(send("worker")).rejects.toThrow();
    expect(visible()).toBe(before + 1);
  });

  it("kills the caller before the effect", async () => {
    const before = visible();
    const kill = vi.fn();
    const client = new SQSClient({ ...clientConfig(aws, "worker", kill), useQueueUrlAsEndpoint: false });
    const remove = aws.gateway.onCall({ role: "worker" }, (call) => aws.gateway.killCallerOf(call));
    await expect(client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "never" }))).rejects.toThrow();
    remove();
    expect(kill).toHaveBeenCalledOnce();
    expect(visible()).toBe(before);
  });
});
