/** Holds how errors are read against what each service's own client of the SDK makes of the same answer. */
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as kms from "@aws-sdk/client-kms";
import * as microvms from "@aws-sdk/client-lambda-microvms";
import * as secretsManager from "@aws-sdk/client-secrets-manager";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import { isThrottlingError, isTransientError } from "@smithy/core/retry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsError, isThrottle, outcomeUnknown } from "../../../dispatcher/aws/transport/aws-error.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../support/local-server.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../../support/signed-fetch-for.ts";

let server: LocalServer;
let reply: Reply;
beforeAll(async () => {
  server = await startLocalServer(() => reply);
});
afterAll(() => server.close());

interface Service {
  model: object;
  send(): Promise<unknown>;
}

/** Sends by a client that is made once, when the server listens. */
function sending<Client>(
  make: (options: ReturnType<typeof clientOptions>) => Client,
  send: (client: Client) => Promise<unknown>,
): () => Promise<unknown> {
  let client: Client | undefined;
  return () => {
    client ??= make(clientOptions());
    return send(client);
  };
}
function clientOptions() {
  return { endpoint: server.url, region: "eu-west-1", credentials: LOCAL_CREDENTIALS, maxAttempts: 1 };
}

/** One operation of each: a protocol reads the errors of all its operations alike. */
const SERVICES: Record<string, Service> = {
  dynamodb: {
    model: dynamodb,
    send: sending(
      (options) => new dynamodb.DynamoDBClient(options),
      (client) => client.send(new dynamodb.GetItemCommand({ TableName: "t", Key: { id: { S: "" } } })),
    ),
  },
  kms: {
    model: kms,
    send: sending(
      (options) => new kms.KMSClient(options),
      (client) => client.send(new kms.DescribeKeyCommand({ KeyId: "k" })),
    ),
  },
  lambda: {
    model: microvms,
    send: sending(
      (options) => new microvms.LambdaMicrovmsClient(options),
      (client) => client.send(new microvms.GetMicrovmCommand({ microvmIdentifier: "m" })),
    ),
  },
  secretsmanager: {
    model: secretsManager,
    send: sending(
      (options) => new secretsManager.SecretsManagerClient(options),
      (client) => client.send(new secretsManager.GetSecretValueCommand({ SecretId: "s" })),
    ),
  },
  sqs: {
    model: sqs,
    send: sending(
      (options) => new sqs.SQSClient(options),
      (client) => client.send(new sqs.GetQueueAttributesCommand({ QueueUrl: server.url })),
    ),
  },
  ssm: {
    model: ssm,
    send: sending(
      (options) => new ssm.SSMClient(options),
      (client) => client.send(new ssm.GetParameterCommand({ Name: "n" })),
    ),
  },
};

/** All that the SDK repeats by name or status, and what it does not. */
const NAMES = [
  ...["BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete"],
  ...["ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "SlowDown"],
  ...["RequestThrottledException", "ThrottledException", "Throttling", "ThrottlingException"],
  ...["TooManyRequestsException", "TransactionInProgressException", "TimeoutError", "RequestTimeout"],
  ...["RequestTimeoutException", "InternalServerError", "InternalServerException", "ServiceUnavailableException"],
  ...["AccessDeniedException", "ValidationException", "ResourceNotFoundException", "ConditionalCheckFailedException"],
  ...["SomethingNewException", ""],
];
const STATUSES = [400, 402, 403, 404, 408, 409, 429, 500, 502, 503, 504];

type Shape = (name: string) => Exclude<Reply, string>;

const SHAPES: Record<string, Shape> = {
  "a header": (name) => ({ status: 0, headers: { "x-amzn-errortype": name }, body: '{"message":"m"}' }),
  "a header with a URL": (name) => ({ status: 0, headers: { "x-amzn-errortype": `${name}:http://x/` }, body: "{}" }),
  "a header without a body": (name) => ({ status: 0, headers: { "x-amzn-errortype": name } }),
  "a header that was sent twice": (name) => ({
    ...{ status: 0, headers: { "x-amzn-errortype": `${name}, ${name}` }, body: "{}" },
  }),
  __type: (name) => ({ status: 0, body: JSON.stringify({ __type: name, message: "m" }) }),
  "__type with a namespace": (name) => ({
    status: 0,
    body: JSON.stringify({ __type: `com.aws#${name}`, Message: "m" }),
  }),
  "__type with a namespace and a URL": (name) => ({
    status: 0,
    body: JSON.stringify({ __type: `com.aws#${name}:http://x/` }),
  }),
  "__type beside the name of the query protocol": (name) => ({
    ...{ status: 0, headers: { "x-amzn-query-error": `${name};Sender` } },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message: "m" }),
  }),
  code: (name) => ({ status: 0, body: JSON.stringify({ code: name, message: "m" }) }),
  Code: (name) => ({ status: 0, body: JSON.stringify({ Code: name, Message: "m" }) }),
};
const NAMELESS: Record<string, Shape> = {
  "a page": () => ({ status: 0, headers: { "content-type": "text/html" }, body: "<html>" }),
  "no body": () => ({ status: 0 }),
  "a body that is cut off": () => ({ status: 0, body: '{"__type":"Acce' }),
};

type SdkError = Parameters<typeof isThrottlingError>[0];

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error;
}

/** Of one answer: its name, and whether it is a throttle or worth another try, as the SDK and as we see it. */
async function readBoth(service: string, { send }: Service): Promise<[theirs: object, ours: object]> {
  const sdk = await send().catch((error: unknown) => error);
  const own = await signedFetchFor(service, server.url, { retry: { maxAttempts: 1 } })({
    ...{ operation: "Any", method: "POST", path: "/", body: {} },
  }).catch((error: unknown) => error);
  if (!isSdkError(sdk) || !(own instanceof AwsError)) throw new Error("the error was no error");
  const throttle = isThrottlingError(sdk);
  return [
    { name: sdk.name, throttle, again: throttle || isTransientError(sdk) },
    { name: own.code, throttle: isThrottle(own), again: isThrottle(own) || outcomeUnknown(own) },
  ];
}

const withoutName = ({ name: _, ...rest }: Record<string, unknown>) => rest;

const { "a header": header, __type, code } = SHAPES;
const BY_STATUS = { header, __type, code, ...NAMELESS };

describe.each(Object.entries(BY_STATUS))("an error whose name stands in %s", (where, shape) => {
  const names = where in NAMELESS ? [""] : NAMES;

  it.each(STATUSES)("is a throttle or worth another try where the SDK says so, with status %i", async (status) => {
    const service = SERVICES.ssm ?? expect.unreachable();
    for (const name of names) {
      reply = { ...(shape ?? expect.unreachable())(name), status };
      const [theirs, ours] = await readBoth("ssm", service);
      expect([name, withoutName({ ...ours })]).toEqual([name, withoutName({ ...theirs })]);
    }
  });
});

/** The errors in a client's model, with the kind of status that each has. */
function errorsOf(model: object): { name: string; status: number }[] {
  return Object.entries(model).flatMap(([name, value]) => {
    const isError = typeof value === "function" && value.prototype instanceof Error && !/ServiceException$/.test(name);
    if (!isError) return [];
    return [{ name, status: new value({ message: "", $metadata: {} }).$fault === "server" ? 500 : 400 }];
  });
}

/**
 * Whose name alone is read as the SDK reads it: two throttles that the SDK does not repeat, a lack of capacity, which is
 * to be waited for, and an error of tables in several Regions at once, which the module's is not.
 */
const TAKEN_OTHERWISE = [
  "KmsThrottled",
  "OverLimit",
  "InsufficientCapacityException",
  "ReplicatedWriteConflictException",
];

describe.each(Object.entries(SERVICES))("%s", (service, asked) => {
  const modelled = errorsOf(asked.model);

  it.each(Object.entries(SHAPES))("has each error of its model read as the SDK reads it, from %s", async (_, shape) => {
    expect(modelled.length).toBeGreaterThan(5);
    for (const { name, status } of [...modelled, { name: "SomethingNewException", status: 400 }]) {
      reply = { ...shape(name), status };
      const [theirs, ours] = await readBoth(service, asked);
      if (TAKEN_OTHERWISE.includes(name)) expect(ours).toMatchObject({ name });
      else expect(ours).toEqual(theirs);
    }
  });
});
