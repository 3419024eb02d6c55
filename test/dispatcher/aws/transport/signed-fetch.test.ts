import { afterEach, describe, expect, it } from "vitest";
import { awsServiceEndpoint } from "../../../../dispatcher/aws/transport/aws-endpoint.ts";
import { AwsError } from "../../../../dispatcher/aws/transport/aws-error.ts";
import { createSignedFetch } from "../../../../dispatcher/aws/transport/signed-fetch.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../../support/local-server.ts";
import { everythingOf } from "../../../support/secret-watch.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../../../support/signed-fetch-for.ts";

const call = { operation: "Any", method: "POST", path: "/", body: { a: 1 } } as const;
const ok: Reply = { status: 200, body: '{"done":true}' };
const throttled = (retryAfter?: string): Reply => ({
  status: 429,
  headers: { "x-amzn-errortype": "ThrottlingException", ...(retryAfter ? { "retry-after": retryAfter } : {}) },
});
const failed: Reply = { status: 500, headers: { "x-amzn-errortype": "InternalServerException" } };

let server: LocalServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A server that gives these answers in turn, the last one for ever. */
async function serving(...replies: Reply[]): Promise<LocalServer> {
  let count = 0;
  server = await startLocalServer(() => replies[Math.min(count++, replies.length - 1)] ?? ok);
  return server;
}

async function failureOf(promise: Promise<unknown>): Promise<AwsError> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof AwsError) return error;
  throw new Error("the call did not fail with an AwsError");
}

describe("a signed fetch", () => {
  it("asks for the credentials at each attempt", async () => {
    const { url, requests } = await serving(failed, ok);
    let count = 0;
    const credentials = () => ({ ...LOCAL_CREDENTIALS, accessKeyId: `AKID${++count}` });

    await signedFetchFor("sqs", url, { credentials })(call);

    expect(requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1])).toEqual([
      "AKID1",
      "AKID2",
    ]);
  });

  it.each<[string, Reply]>([
    ["a failure in the service", failed],
    ["a throttle", throttled()],
    ["a cut connection", "drop"],
    ["an answer that is no JSON", { status: 200, body: "<html>" }],
  ])("sends a call again after %s", async (_, reply) => {
    const { url, requests } = await serving(reply, reply, ok);

    expect(await signedFetchFor("sqs", url)(call)).toEqual({ done: true });

    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  });

  it("gives up after the last attempt and tells how many there were", async () => {
    const { url, requests } = await serving(failed);

    const error = await failureOf(signedFetchFor("sqs", url)(call));

    expect(error).toMatchObject({ code: "InternalServerException", attempts: 3, mayHaveHappened: true });
    expect(requests).toHaveLength(3);
  });

  it("remembers an attempt that may have worked", async () => {
    const { url } = await serving("drop", throttled());

    const error = await failureOf(signedFetchFor("sqs", url)(call));

    expect(error).toMatchObject({ code: "ThrottlingException", attempts: 3, mayHaveHappened: true });
  });

  it("never repeats what the service refused, nor a lack of capacity", async () => {
    for (const [status, name] of [
      [400, "ValidationException"],
      [403, "AccessDeniedException"],
      [500, "InsufficientCapacityException"],
    ] as const) {
      const { url, requests, close } = await serving({ status, headers: { "x-amzn-errortype": name } });

      const error = await failureOf(signedFetchFor("sqs", url)(call));

      expect(error).toMatchObject({ code: name, attempts: 1, mayHaveHappened: false });
      expect(requests).toHaveLength(1);
      await close();
    }
  });

  it("ends an attempt that is not answered in time", async () => {
    const { url } = await serving("hang");

    const error = await failureOf(signedFetchFor("sqs", url, { timeoutMs: 20 })(call));

    expect(error).toMatchObject({ code: "NoAnswer", status: 0, attempts: 3, message: "no answer within 20 ms" });
  });

  it("names the system's error when nobody listens", async () => {
    const { url, close } = await serving(ok);
    await close();
    server = undefined;

    const error = await failureOf(signedFetchFor("sqs", url)(call));

    expect(error.message).toBe("the connection failed (ECONNREFUSED)");
    const shown = everythingOf(error);
    for (const secret of Object.values(LOCAL_CREDENTIALS)) expect(shown).not.toContain(secret);
  });

  it("waits with full jitter, and at least as long as the service asks", async () => {
    const { url } = await serving(throttled(), throttled("3"), ok);
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);

    await signedFetchFor("sqs", url, { retry: { sleep, random: () => 0.5 } })(call);

    expect(waits).toEqual([50, 3_100]);
  });

  it("does not begin an attempt that its budget of time no longer covers", async () => {
    const { url, requests } = await serving(throttled("30"));

    const error = await failureOf(signedFetchFor("sqs", url, { retry: { budgetMs: 20_000 } })(call));

    expect(error.retryAfterSeconds).toBe(30);
    expect(requests).toHaveLength(1);
  });

  it("does not follow a redirect with its signature", async () => {
    const { url, requests } = await serving({ status: 307, headers: { location: "/elsewhere" } });

    expect(await failureOf(signedFetchFor("sqs", url)(call))).toMatchObject({ code: "NoAnswer" });

    expect(requests.every(({ path }) => path === "/")).toBe(true);
  });

  it("goes to the service's public endpoint when it is given no other", async () => {
    const urls: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      urls.push(String(input));
      return new Response("{}");
    };

    for (const region of ["eu-west-1", "cn-north-1", "us-gov-west-1"]) {
      await createSignedFetch({ service: "sqs", region, credentials: () => LOCAL_CREDENTIALS, fetch })(call);
    }

    expect(urls).toEqual([
      "https://sqs.eu-west-1.amazonaws.com/",
      "https://sqs.cn-north-1.amazonaws.com.cn/",
      "https://sqs.us-gov-west-1.amazonaws.com/",
    ]);
  });
});

describe("a service's endpoint", () => {
  it.each([
    "eu-west-1",
    "us-east-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eusc-de-east-1",
  ])("is the SDK's own in %s", async (region) => {
    const { LambdaMicrovmsClient } = await import("@aws-sdk/client-lambda-microvms");
    const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
    const { SQSClient } = await import("@aws-sdk/client-sqs");
    const { SSMClient } = await import("@aws-sdk/client-ssm");
    const clients = { lambda: LambdaMicrovmsClient, sqs: SQSClient, ssm: SSMClient };

    for (const [service, Client] of Object.entries(clients)) {
      const { endpointProvider } = new Client({ region }).config;
      const { url } = endpointProvider({ Region: region, UseDualStack: false, UseFIPS: false } as never);
      expect(awsServiceEndpoint(service, region)).toBe(url.origin);
    }
    const { endpointProvider } = new DynamoDBClient({ region }).config;
    const { url } = endpointProvider({ Region: region, UseDualStack: false, UseFIPS: false } as never);
    expect(awsServiceEndpoint("dynamodb", region)).toBe(url.origin);
  });
});
