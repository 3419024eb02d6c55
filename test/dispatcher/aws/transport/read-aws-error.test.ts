import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetMicrovmCommand, LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAwsError } from "../../../../dispatcher/aws/transport/read-aws-error.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../../support/local-server.ts";
import { LOCAL_CREDENTIALS, signedFetchFor } from "../../../support/signed-fetch-for.ts";

let server: LocalServer;
let reply: Exclude<Reply, string>;
beforeAll(async () => {
  server = await startLocalServer(() => reply);
});
afterAll(() => server.close());

const sdkOptions = () => ({
  endpoint: server.url,
  region: "eu-west-1",
  credentials: LOCAL_CREDENTIALS,
  maxAttempts: 1,
});
const clients = {
  "AWS JSON 1.0": () => new DynamoDBClient(sdkOptions()).send(new GetItemCommand({ TableName: "t", Key: {} })),
  "AWS JSON 1.1": () => new SSMClient(sdkOptions()).send(new GetParameterCommand({ Name: "n" })),
  "REST-JSON": () => new LambdaMicrovmsClient(sdkOptions()).send(new GetMicrovmCommand({ microvmIdentifier: "m" })),
};

const rest = (name: string, message = "said so") => ({
  headers: { "x-amzn-errortype": name },
  body: JSON.stringify({ message }),
});
const json = (__type: string, message = "said so") => ({ headers: {}, body: JSON.stringify({ __type, message }) });

const cases: [keyof typeof clients, number, { headers: Record<string, string>; body: string }][] = [
  ["AWS JSON 1.0", 400, json("com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException")],
  ["AWS JSON 1.0", 400, json("com.amazon.coral.service#ThrottlingException")],
  ["AWS JSON 1.0", 500, json("InternalServerError")],
  ["AWS JSON 1.1", 400, json("ParameterNotFound")],
  ["AWS JSON 1.1", 400, json("AccessDeniedException")],
  ["REST-JSON", 403, rest("AccessDeniedException")],
  ["REST-JSON", 404, rest("ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws/")],
  ["REST-JSON", 429, rest("com.amazonaws.lambda#ThrottlingException:")],
  ["REST-JSON", 409, rest("ConflictException")],
  ["REST-JSON", 402, rest("ServiceQuotaExceededException")],
  ["REST-JSON", 500, rest("InsufficientCapacityException")],
  ["REST-JSON", 500, rest("InternalServerException")],
  ["REST-JSON", 400, rest("ValidationException")],
  ["REST-JSON", 400, { headers: {}, body: JSON.stringify({ code: "ValidationException", message: "said so" }) }],
  ["REST-JSON", 400, json("aws.lambda#ValidationException")],
];

describe("reading an AWS error", () => {
  it.each(cases)("finds the name that the SDK finds (%s, %i, %o)", async (protocol, status, { headers, body }) => {
    reply = { status, headers: { ...headers, "x-amzn-requestid": "request-1" }, body };
    const theirs = await clients[protocol]().catch((error: unknown) => error);
    const ours = await signedFetchFor("lambda", server.url, { retry: { maxAttempts: 1 } })({
      operation: "Any",
      method: "GET",
      path: "/",
    }).catch((error: unknown) => error);

    expect(ours).toMatchObject({ name: "AwsError", code: (theirs as Error).name, status, requestId: "request-1" });
    expect(ours).toMatchObject({ message: "said so" });
  });

  it("falls back on the status when there is no name", () => {
    const headers = new Headers();

    expect(readAwsError({ status: 503, headers, text: "<html>busy</html>" })).toMatchObject({ code: "Http503" });
    expect(readAwsError({ status: 502, headers, text: '"text"' })).toMatchObject({ code: "Http502", message: "" });
  });

  it("reads how long to wait", () => {
    const read = (value: string) =>
      readAwsError({ status: 429, headers: new Headers({ "retry-after": value }), text: "{}" }).retryAfterSeconds;

    expect(read("7")).toBe(7);
    expect(read("Wed, 21 Oct 2026 07:28:00 GMT")).toBeUndefined();
  });

  it("repeats neither a secret nor what was signed", () => {
    const canonical = "does not match.\n\nThe Canonical String was\nx-amz-security-token:THE-TOKEN";
    const read = (code: string, message: string) =>
      readAwsError(
        { status: 403, headers: new Headers({ "x-amzn-errortype": code }), text: JSON.stringify({ message }) },
        ["THE-PAYLOAD"],
      ).message;

    expect(read("InvalidSignatureException", canonical)).not.toContain("THE-TOKEN");
    expect(read("OtherException", canonical)).not.toContain("THE-TOKEN");
    expect(read("IncompleteSignature", "Authorization=AWS4-HMAC-SHA256 Credential=x")).not.toContain("AWS4");
    expect(read("ValidationException", `${"x".repeat(290)}THE-PAYLOAD`)).not.toContain("THE-");
    expect(read("ValidationException", "x".repeat(5_000)).length).toBeLessThanOrEqual(300);
  });
});
