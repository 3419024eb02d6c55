/**
 * Holds each call against what the SDK's own client puts on the wire for the same input, and each reader against what
 * the SDK makes of the same answer.
 */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient, SignCommand } from "@aws-sdk/client-kms";
import {
  DeleteMicrovmImageVersionCommand,
  GetMicrovmCommand,
  GetMicrovmImageCommand,
  LambdaMicrovmsClient,
  ListMicrovmImageBuildsCommand,
  ListMicrovmImageVersionsCommand,
  ListMicrovmsCommand,
  RunMicrovmCommand,
  TerminateMicrovmCommand,
} from "@aws-sdk/client-lambda-microvms";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AwsV4Signer } from "aws4fetch";
import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAwsReader } from "../../../cli/aws/aws-reader.ts";
import { createDynamodbCapacity } from "../../../dispatcher/aws/dynamodb-capacity.ts";
import { createDynamodbJobStore } from "../../../dispatcher/aws/dynamodb-job-store.ts";
import { createKmsSigner } from "../../../dispatcher/aws/kms-signer.ts";
import { createLambdaImageVersions } from "../../../dispatcher/aws/lambda-image-versions.ts";
import { createLambdaMicrovms } from "../../../dispatcher/aws/lambda-microvms.ts";
import { createSecretsManager } from "../../../dispatcher/aws/secrets-manager.ts";
import { createSqsQueue } from "../../../dispatcher/aws/sqs-queue.ts";
import { createSsmSecrets } from "../../../dispatcher/aws/ssm-secrets.ts";
import { createSignedFetch } from "../../../dispatcher/aws/transport/signed-fetch.ts";
import { createVersionedCell } from "../../../dispatcher/aws/versioned-cell.ts";
import { awsEndpoint } from "../../../dispatcher/config.ts";
import { type LocalServer, type Reply, type SeenRequest, startLocalServer } from "../../support/local-server.ts";
import { SAMPLE_RUN_INPUT, sampleJob } from "../../support/sample-job.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../../support/signed-fetch-for.ts";

let server: LocalServer;
let reply: Reply;
beforeAll(async () => {
  server = await startLocalServer(() => reply);
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

const QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";
const TABLE = "jobs";
const IMAGE_ARN = SAMPLE_RUN_INPUT.imageArn;
const SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-app-AbCdEf";
const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const MICROVM_ID = "microvm-b44b69d9-f23b-30d1-97d1-a4ac558cfb5c";

const sdkOptions = () => ({
  endpoint: server.url,
  region: "eu-west-1",
  credentials: LOCAL_CREDENTIALS,
  maxAttempts: 1,
});
const dynamodb = () => new DynamoDBClient(sdkOptions());
const sqs = () => new SQSClient(sdkOptions());
const ssm = () => new SSMClient(sdkOptions());
const secretsManager = () => new SecretsManagerClient(sdkOptions());
const kms = () => new KMSClient(sdkOptions());
const lambda = () => new LambdaMicrovmsClient(sdkOptions());
const our = (service: string) => signedFetchFor(service, server.url);

const microvmAnswer = {
  microvmId: MICROVM_ID,
  state: "RUNNING",
  endpoint: `${MICROVM_ID}.lambda-microvm.eu-west-1.on.aws`,
  imageArn: SAMPLE_RUN_INPUT.imageArn,
  imageVersion: "3.0",
  maximumDurationInSeconds: 3_600,
  startedAt: 1_767_268_800.25,
  terminatedAt: 1_767_268_801,
  stateReason: "Success.",
};
const runRequest = {
  imageIdentifier: SAMPLE_RUN_INPUT.imageArn,
  imageVersion: "3.0",
  executionRoleArn: SAMPLE_RUN_INPUT.execRoleArn,
  ingressNetworkConnectors: [SAMPLE_RUN_INPUT.ingressConnectorArn],
  egressNetworkConnectors: [SAMPLE_RUN_INPUT.egressConnectorArn],
  logging: { cloudWatch: { logGroup: SAMPLE_RUN_INPUT.logGroup } },
  runHookPayload: SAMPLE_RUN_INPUT.runHookPayload,
  maximumDurationInSeconds: 3_600,
  clientToken: SAMPLE_RUN_INPUT.clientToken,
};
const first = sampleJob();
const second = sampleJob({ version: 2 });
const itemOf = (record: typeof first) => ({
  id: { S: "job#11" },
  version: { N: String(record.version) },
  expiresAt: { N: "1767528000" },
  record: { S: JSON.stringify(record) },
});
const counter = () =>
  createVersionedCell({ fetch: our("dynamodb"), tableName: TABLE, id: "cell", schema: v.number(), initial: 0 });

const reader = () =>
  createAwsReader({ region: "eu-west-1", credentials: LOCAL_CREDENTIALS }, { AWS_ENDPOINT_URL: server.url });

interface Case {
  operation: string;
  theirs(): Promise<unknown>;
  ours(): Promise<unknown>;
  answer: object;
}

const sign = () =>
  kms().send(
    new SignCommand({
      KeyId: KEY_ARN,
      Message: Buffer.from("header.claims"),
      MessageType: "RAW",
      SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    }),
  );
const signature = { KeyId: KEY_ARN, Signature: "/+8=", SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" };

const cases: Case[] = [
  {
    operation: "GetSecretValue",
    theirs: () => secretsManager().send(new GetSecretValueCommand({ SecretId: SECRET_ARN })),
    ours: () => createSecretsManager(our("secretsmanager")).get(SECRET_ARN),
    answer: { SecretString: "x" },
  },
  {
    operation: "Sign",
    theirs: sign,
    ours: () => createKmsSigner(our("kms"), KEY_ARN)(Buffer.from("header.claims")),
    answer: signature,
  },
  {
    operation: "GetItem",
    theirs: () =>
      dynamodb().send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: "job#11" } }, ConsistentRead: true })),
    ours: () => createDynamodbJobStore(our("dynamodb"), TABLE).get(11),
    answer: { Item: itemOf(first) },
  },
  {
    operation: "PutItem of a new record",
    theirs: () =>
      dynamodb().send(
        new PutItemCommand({
          TableName: TABLE,
          Item: itemOf(first),
          ConditionExpression: "attribute_not_exists(id)",
        }),
      ),
    ours: () => createDynamodbJobStore(our("dynamodb"), TABLE).put(first),
    answer: {},
  },
  {
    operation: "PutItem of a later version",
    theirs: () =>
      dynamodb().send(
        new PutItemCommand({
          TableName: TABLE,
          Item: itemOf(second),
          ConditionExpression: "#version = :before",
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":before": { N: "1" } },
        }),
      ),
    ours: () => createDynamodbJobStore(our("dynamodb"), TABLE).put(second),
    answer: {},
  },
  {
    operation: "GetItem of a cell",
    theirs: () =>
      dynamodb().send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: "cell" } }, ConsistentRead: true })),
    ours: () => counter().read(),
    answer: { Item: { id: { S: "cell" }, version: { N: "1" }, state: { S: "5" } } },
  },
  {
    operation: "PutItem of a cell",
    theirs: () =>
      dynamodb().send(
        new PutItemCommand({
          TableName: TABLE,
          Item: { id: { S: "cell" }, version: { N: "1" }, state: { S: "5" } },
          ConditionExpression: "attribute_not_exists(id)",
        }),
      ),
    ours: () => counter().update(() => 5),
    answer: {},
  },
  {
    operation: "GetItem of the places taken",
    theirs: () =>
      dynamodb().send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: "capacity" } }, ConsistentRead: true })),
    ours: () => createDynamodbCapacity(our("dynamodb"), TABLE).holders(),
    answer: { Item: { id: { S: "capacity" }, launchIds: { SS: ["11-1"] } } },
  },
  {
    operation: "GetQueueAttributes",
    theirs: () => sqs().send(new GetQueueAttributesCommand({ QueueUrl: QUEUE_URL, AttributeNames: ["All"] })),
    ours: () => reader().queue(QUEUE_URL),
    answer: { Attributes: {} },
  },
  {
    operation: "GetMicrovmImage",
    theirs: () => lambda().send(new GetMicrovmImageCommand({ imageIdentifier: IMAGE_ARN })),
    ours: () => reader().image(IMAGE_ARN),
    answer: { state: "CREATED" },
  },
  {
    operation: "ListMicrovmImageBuilds",
    theirs: () => lambda().send(new ListMicrovmImageBuildsCommand({ imageIdentifier: IMAGE_ARN, imageVersion: "3.0" })),
    ours: () => reader().builds(IMAGE_ARN, "3.0"),
    answer: { items: [] },
  },
  {
    operation: "UpdateItem that takes a place",
    theirs: () =>
      dynamodb().send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: { id: { S: "capacity" } },
          UpdateExpression: "ADD launchIds :one, #repository :one",
          ConditionExpression:
            "contains(launchIds, :id) OR (attribute_not_exists(launchIds) OR size(launchIds) < :limit) AND (attribute_not_exists(#repository) OR size(#repository) < :each)",
          ExpressionAttributeNames: { "#repository": "repository#acme/shop" },
          ExpressionAttributeValues: {
            ":one": { SS: ["11-1"] },
            ":id": { S: "11-1" },
            ":limit": { N: "3" },
            ":each": { N: "2" },
          },
        }),
      ),
    ours: () =>
      createDynamodbCapacity(our("dynamodb"), TABLE).acquire(
        { launchId: "11-1", repository: "acme/shop" },
        { limit: 3, each: 2 },
      ),
    answer: {},
  },
  {
    operation: "UpdateItem that frees a place",
    theirs: () =>
      dynamodb().send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: { id: { S: "capacity" } },
          UpdateExpression: "DELETE launchIds :one, #repository :one",
          ExpressionAttributeNames: { "#repository": "repository#acme/shop" },
          ExpressionAttributeValues: { ":one": { SS: ["11-1"] } },
        }),
      ),
    ours: () => createDynamodbCapacity(our("dynamodb"), TABLE).release({ launchId: "11-1", repository: "acme/shop" }),
    answer: {},
  },
  {
    operation: "SendMessage",
    theirs: () =>
      sqs().send(
        new SendMessageCommand({
          QueueUrl: QUEUE_URL,
          MessageBody: '{"type":"finish","source":"vm","launchId":"11-1"}',
          DelaySeconds: 30,
        }),
      ),
    ours: () => createSqsQueue(our("sqs"), QUEUE_URL).send({ type: "finish", source: "vm", launchId: "11-1" }, 30),
    answer: { MessageId: "m", MD5OfMessageBody: "09cb2a5f8b8ea3b0c1d20d50d3b0b0bd" },
  },
  {
    operation: "ChangeMessageVisibility",
    theirs: () =>
      sqs().send(
        new ChangeMessageVisibilityCommand({ QueueUrl: QUEUE_URL, ReceiptHandle: "handle", VisibilityTimeout: 60 }),
      ),
    ours: () => createSqsQueue(our("sqs"), QUEUE_URL).changeVisibility("handle", 60),
    answer: {},
  },
  {
    operation: "GetParameter",
    theirs: () => ssm().send(new GetParameterCommand({ Name: "/gha/secret", WithDecryption: true })),
    ours: () => createSsmSecrets(our("ssm")).get("/gha/secret"),
    answer: { Parameter: { Name: "/gha/secret", Value: "value" } },
  },
  {
    operation: "RunMicrovm",
    theirs: () => lambda().send(new RunMicrovmCommand(runRequest)),
    ours: () => createLambdaMicrovms(our("lambda")).run(SAMPLE_RUN_INPUT),
    answer: microvmAnswer,
  },
  {
    operation: "GetMicrovm",
    theirs: () => lambda().send(new GetMicrovmCommand({ microvmIdentifier: "microvm:1/2 ü(3)" })),
    ours: () => createLambdaMicrovms(our("lambda")).get("microvm:1/2 ü(3)"),
    answer: microvmAnswer,
  },
  {
    operation: "TerminateMicrovm",
    theirs: () => lambda().send(new TerminateMicrovmCommand({ microvmIdentifier: MICROVM_ID })),
    ours: () => createLambdaMicrovms(our("lambda")).terminate(MICROVM_ID),
    answer: {},
  },
  {
    operation: "ListMicrovmImageVersions",
    theirs: () => lambda().send(new ListMicrovmImageVersionsCommand({ imageIdentifier: IMAGE_ARN, maxResults: 50 })),
    ours: () => createLambdaImageVersions(our("lambda")).list(IMAGE_ARN),
    answer: { items: [] },
  },
  {
    operation: "ListMicrovms",
    theirs: () => lambda().send(new ListMicrovmsCommand({ imageIdentifier: IMAGE_ARN, maxResults: 50 })),
    ours: () => createLambdaImageVersions(our("lambda")).inUse(IMAGE_ARN),
    answer: { items: [] },
  },
  {
    operation: "DeleteMicrovmImageVersion",
    theirs: () =>
      lambda().send(new DeleteMicrovmImageVersionCommand({ imageIdentifier: IMAGE_ARN, imageVersion: "3.0" })),
    ours: () => createLambdaImageVersions(our("lambda")).delete(IMAGE_ARN, "3.0"),
    answer: { imageIdentifier: IMAGE_ARN, imageVersion: "3.0", state: "DELETING" },
  },
];

async function capture(send: () => Promise<unknown>): Promise<SeenRequest> {
  // What the SDK makes of the answer is looked at elsewhere: its check of SQS's digest may refuse this one.
  await send().catch(() => undefined);
  const seen = server.requests.at(-1);
  if (seen === undefined) throw new Error("nothing was sent");
  return seen;
}

function scopeOf(request: SeenRequest): string {
  return /Credential=[^/]+\/\d+\/([^,]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "unsigned";
}

describe.each(cases)("$operation", ({ theirs, ours, answer }) => {
  beforeEach(() => {
    reply = { status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(answer) };
  });

  it("goes over the wire as the SDK sends it", async () => {
    const expected = await capture(theirs);
    const actual = await capture(ours);

    expect(actual.method).toBe(expected.method);
    expect(actual.path).toBe(expected.path);
    expect([...actual.query].sort()).toEqual([...expected.query].sort());
    expect(actual.headers["x-amz-target"]).toBe(expected.headers["x-amz-target"]);
    expect(actual.headers["content-type"]).toBe(expected.headers["content-type"]);
    expect(actual.headers["x-amz-security-token"]).toBe(LOCAL_CREDENTIALS.sessionToken);
    expect(actual.body === "" ? undefined : JSON.parse(actual.body)).toEqual(
      expected.body === "" ? undefined : JSON.parse(expected.body),
    );
    expect(scopeOf(actual)).toBe(scopeOf(expected));
  });

  it("is signed as the SDK signs it", async () => {
    const expected = await capture(theirs);
    const { authorization = "", "x-amz-date": datetime = "" } = expected.headers;
    const [, , service = ""] = scopeOf(expected).match(/^([^/]+)\/([^/]+)/) ?? [];
    const signedHeaders = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
    const set = ["host", "x-amz-date", "x-amz-security-token"];
    const headers = signedHeaders.filter((name) => !set.includes(name));

    const signed = await new AwsV4Signer({
      method: expected.method,
      url: `${server.url}${expected.path}${expected.query.size === 0 ? "" : `?${expected.query}`}`,
      headers: Object.fromEntries(headers.map((name) => [name, expected.headers[name] ?? ""])),
      body: expected.body,
      ...LOCAL_CREDENTIALS,
      service,
      region: "eu-west-1",
      datetime,
      allHeaders: true,
    }).sign();

    expect(signed.headers.get("authorization")).toBe(authorization);
  });
});

/** What no service answers as its model has it, and what each operation makes of it. */
const FAILURES: [string, Reply, string][] = [
  ["a connection that is cut", "drop", "TransientError"],
  ["a success that is cut off", { status: 200, body: '{"Item":{"id":' }, "TransientError"],
  ["a success of something else", { status: 200, body: "<html>" }, "TransientError"],
  ["a proxy's page", { status: 502, headers: { "content-type": "text/html" }, body: "<html>" }, "TransientError"],
  ["an unavailable service without a word", { status: 503 }, "TransientError"],
  ["a throttle without a name", { status: 429 }, "ThrottledError"],
  ["a firewall's page", { status: 403, headers: { "content-type": "text/html" }, body: "<html>" }, "RefusedError"],
  ["a refusal by name", { status: 400, body: '{"__type":"com.aws#AccessDeniedException"}' }, "RefusedError"],
  ["a refusal in a header", { status: 403, headers: { "x-amzn-errortype": "AccessDeniedException:" } }, "RefusedError"],
];

describe.each(cases)("$operation", ({ ours }) => {
  it.each(FAILURES)("tells %s for what it is", async (_, failure, name) => {
    reply = failure;

    await expect(ours()).rejects.toMatchObject({ name });
  });
});

describe("answers", () => {
  it("of RunMicrovm and GetMicrovm are read as the SDK reads them", async () => {
    reply = { status: 200, body: JSON.stringify(microvmAnswer) };
    const expected = await lambda().send(new GetMicrovmCommand({ microvmIdentifier: MICROVM_ID }));

    for (const actual of [
      await createLambdaMicrovms(our("lambda")).get(MICROVM_ID),
      await createLambdaMicrovms(our("lambda")).run(SAMPLE_RUN_INPUT),
    ]) {
      expect(actual).toEqual({
        microvmId: expected.microvmId,
        state: expected.state,
        imageVersion: expected.imageVersion,
        startedAt: expected.startedAt,
        terminatedAt: expected.terminatedAt,
        stateReason: expected.stateReason,
      });
    }
  });

  it("of a second page are asked for and read as the SDK does", async () => {
    const token = "a+b/c==";
    const pages = [
      {
        items: [{ imageVersion: "1.0", state: "SUCCESSFUL", status: "ACTIVE", createdAt: 1_767_268_800.25 }],
        nextToken: token,
      },
      {
        items: [{ imageVersion: "2.0", state: "FAILED", status: "INACTIVE", createdAt: 1_767_268_801 }],
        nextToken: null,
      },
    ];
    const answer = (page: object | undefined) => {
      reply = { status: 200, body: JSON.stringify(page) };
    };
    const input = { imageIdentifier: IMAGE_ARN, maxResults: 50 };
    answer(pages[0]);
    const first = await lambda().send(new ListMicrovmImageVersionsCommand(input));
    answer(pages[1]);
    const second = await lambda().send(new ListMicrovmImageVersionsCommand({ ...input, nextToken: first.nextToken }));
    const expected = server.requests.at(-1);

    answer(pages[0]);
    const next = createSignedFetch({
      service: "lambda",
      region: "eu-west-1",
      endpoint: server.url,
      credentials: () => LOCAL_CREDENTIALS,
      fetch: (...call) => globalThis.fetch(...call).finally(() => answer(pages[1])),
    });
    const listed = await createLambdaImageVersions(next).list(IMAGE_ARN);

    expect([...(server.requests.at(-1)?.query ?? [])].sort()).toEqual([...(expected?.query ?? [])].sort());
    expect(server.requests.at(-1)?.query.get("nextToken")).toBe(token);
    expect(listed).toEqual(
      [...(first.items ?? []), ...(second.items ?? [])].map(({ imageVersion, state, status, createdAt }) => ({
        version: imageVersion,
        state,
        status,
        createdAt,
      })),
    );
  });

  it("of GetParameter are read as the SDK reads them", async () => {
    reply = { status: 200, body: JSON.stringify({ Parameter: { Name: "n", Value: '{"a":"ü"}' } }) };
    const expected = await ssm().send(new GetParameterCommand({ Name: "n" }));

    expect(await createSsmSecrets(our("ssm")).get("n")).toBe(expected.Parameter?.Value);
  });

  it("of GetSecretValue are read as the SDK reads them, and bytes are refused", async () => {
    const get = () => createSecretsManager(our("secretsmanager")).get(SECRET_ARN);
    reply = { status: 200, body: JSON.stringify({ ARN: SECRET_ARN, SecretString: "a\nü" }) };
    const { SecretString } = await secretsManager().send(new GetSecretValueCommand({ SecretId: SECRET_ARN }));
    expect(await get()).toBe(SecretString);

    reply = { status: 200, body: JSON.stringify({ ARN: SECRET_ARN, SecretBinary: "aHVzaA==" }) };
    await expect(get()).rejects.toMatchObject({
      name: "ConfigurationError",
      message: `secret ${SECRET_ARN} holds no text; store it with --secret-string`,
    });
  });

  it("of Sign are read as the SDK reads them", async () => {
    reply = { status: 200, body: JSON.stringify(signature) };
    const { Signature = new Uint8Array() } = await sign();

    expect(await createKmsSigner(our("kms"), KEY_ARN)(Buffer.from("x"))).toEqual(Buffer.from(Signature));
  });

  it.each([
    ["secretsmanager", "ResourceNotFoundException", () => createSecretsManager(our("secretsmanager")).get(SECRET_ARN)],
    ["kms", "NotFoundException", () => createKmsSigner(our("kms"), KEY_ARN)(Buffer.from("x"))],
  ])("by which %s knows no such name are a NotFoundError (%s)", async (_, code, ask) => {
    reply = { status: 400, body: JSON.stringify({ __type: code, message: "none" }) };

    await expect(ask()).rejects.toMatchObject({ name: "NotFoundError" });
  });

  it("of GetItem are read as the SDK reads them, also without an item", async () => {
    const store = createDynamodbJobStore(our("dynamodb"), TABLE);
    const get = () => dynamodb().send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: "job#11" } } }));
    reply = { status: 200, body: JSON.stringify({ Item: itemOf(first) }) };
    expect(JSON.parse((await get()).Item?.record?.S ?? "")).toEqual(await store.get(11));

    reply = { status: 200, body: "{}" };
    expect((await get()).Item).toEqual(await store.get(11));
  });

  it("of a failed condition are told apart as the SDK does", async () => {
    const type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    reply = { status: 400, body: JSON.stringify({ __type: type, message: "The conditional request failed" }) };

    await expect(
      dynamodb().send(new PutItemCommand({ TableName: TABLE, Item: { id: { S: "x" } } })),
    ).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    expect(await createDynamodbJobStore(our("dynamodb"), TABLE).put(first)).toBe(false);
  });
});

describe("a clock that differs", () => {
  it.each([
    [-3_600_000, "InvalidSignatureException"],
    [3_600_000, "AccessDeniedException"],
  ])("by %i ms is corrected as the SDK corrects it, and the call signed anew (%s)", async (ms, name) => {
    const date = new Date(Date.now() + ms).toUTCString();
    const refusal = JSON.stringify({ __type: name, message: "Signature expired" });
    const dates: string[] = [];
    const fetch: typeof globalThis.fetch = async (_, init) => {
      dates.push(new Headers(init?.headers).get("x-amz-date") ?? "");
      if (dates.length === 1) return new Response(refusal, { status: 400, headers: { date } });
      return Response.json({ Parameter: { Value: "value" } });
    };
    const secrets = createSsmSecrets(signedFetchFor("ssm", server.url, { fetch }));

    expect(await secrets.get("n")).toBe("value");
    await secrets.get("n");

    const expected = date.slice(17, 19);
    expect(dates.map((text) => text.slice(9, 11))).toEqual([expect.not.stringMatching(expected), expected, expected]);
  });

  it("by less is no reason to call again", async () => {
    const refusal = JSON.stringify({ __type: "InvalidSignatureException", message: "no" });
    let calls = 0;
    const fetch: typeof globalThis.fetch = async () => {
      calls += 1;
      return new Response(refusal, { status: 400, headers: { date: new Date().toUTCString() } });
    };

    await expect(createSsmSecrets(signedFetchFor("ssm", server.url, { fetch })).get("n")).rejects.toMatchObject({
      name: "RefusedError",
    });
    expect(calls).toBe(1);
  });
});

describe("a message that is not known to be in the queue", () => {
  it.each(["{}", "", '{"MessageId":""}', '{"MD5OfMessageBody":"x"}'])("was not sent: %j", async (body) => {
    reply = { status: 200, body };

    await expect(
      createSqsQueue(our("sqs"), QUEUE_URL).send({ type: "finish", source: "vm", launchId: "11-1" }),
    ).rejects.toMatchObject({
      name: "TransientError",
    });
  });
});

describe("an endpoint of the environment", () => {
  const clients = {
    dynamodb: () => new DynamoDBClient({ region: "eu-west-1" }),
    kms: () => new KMSClient({ region: "eu-west-1" }),
    "lambda-microvms": () => new LambdaMicrovmsClient({ region: "eu-west-1" }),
    secretsmanager: () => new SecretsManagerClient({ region: "eu-west-1" }),
    sqs: () => new SQSClient({ region: "eu-west-1" }),
    ssm: () => new SSMClient({ region: "eu-west-1" }),
  };

  it.each(Object.entries(clients))("of %s has the name that the SDK gives it", async (service, create) => {
    const { serviceId } = create().config;
    const name = `AWS_ENDPOINT_URL_${serviceId.toUpperCase().replaceAll(" ", "_")}`;

    expect(awsEndpoint({ [name]: "http://own", AWS_ENDPOINT_URL: "http://all" }, service)).toBe("http://own");
    expect(awsEndpoint({ AWS_ENDPOINT_URL: "http://all" }, service)).toBe("http://all");
  });
});
