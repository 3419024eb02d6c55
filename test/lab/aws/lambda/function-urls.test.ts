import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabAws, startAws } from "../../../../lab/aws/aws.ts";
import { eventually } from "../../../support/eventually.ts";
import { apply, destroy } from "../support/apply.ts";
import { deploy } from "../support/function.ts";
import { memoryGuests } from "../support/memory-guests.ts";

let aws: LabAws;
beforeEach(async () => {
  aws = await startAws({ guests: memoryGuests() });
});
afterEach(() => aws.stop());

async function open(source: string, changes = {}) {
  await deploy(aws, { source, changes });
  const state = await apply(aws, "aws_lambda_function_url", { function_name: "fn", authorization_type: "NONE" });
  return String(state.function_url);
}

const ECHO = "exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) })";

describe("a function URL", () => {
  it("hands over payload format 2.0 with text as it is", async () => {
    const url = await open(ECHO);
    const response = await fetch(`${url}finish?a=1&a=2`, {
      method: "POST",
      headers: { "content-type": "application/json", "X-GitHub-Event": "ping", cookie: "x=1; y=2" },
      body: '{"é":1}',
    });
    expect(await response.json()).toMatchObject({
      version: "2.0",
      rawPath: "/finish",
      rawQueryString: "a=1&a=2",
      queryStringParameters: { a: "1,2" },
      cookies: ["x=1", "y=2"],
      headers: { "x-github-event": "ping", "content-type": "application/json" },
      requestContext: { http: { method: "POST", path: "/finish" } },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it("hands over any other type in base64", async () => {
    const url = await open(ECHO);
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "payload=1",
    });
    expect(await response.json()).toMatchObject({
      body: Buffer.from("payload=1").toString("base64"),
      isBase64Encoded: true,
    });
  });

  it("answers with the status, headers, cookies and binary body that the function says", async () => {
    const url = await open(
      `exports.handler = async () => ({ statusCode: 202, headers: { "X-A": "1" }, cookies: ["c=1"], body: "AAE=", isBase64Encoded: true })`,
    );
    const response = await fetch(url);
    expect(response.status).toBe(202);
    expect(response.headers.get("x-a")).toBe("1");
    expect(response.headers.getSetCookie()).toEqual(["c=1"]);
    expect([...(await response.bytes())]).toEqual([0, 1]);
  });

  it("answers with the whole result when it has no status code", async () => {
    const url = await open(`exports.handler = async () => ({ hello: "world" })`);
    expect(await (await fetch(url)).json()).toEqual({ hello: "world" });
  });

  it("answers a function error with 502 and without details", async () => {
    const url = await open(`exports.handler = async () => { throw new Error("very secret") }`);
    const response = await fetch(url);
    expect(response.status).toBe(502);
    expect(await response.text()).toBe("Internal Server Error");
    await eventually(() => expect(aws.functions.output("fn").join()).toContain("very secret"));
  });

  it("answers 502 when the function does not come to an end in its time", async () => {
    const url = await open(`exports.handler = () => new Promise(() => setInterval(() => {}, 1000))`, { timeout: 1 });
    expect((await fetch(url)).status).toBe(502);
    const ended = aws.events.all().find(({ kind }) => kind === "lambda.ended");
    expect(ended?.error).toMatch(/Sandbox.Timedout: RequestId: .* Error: Task timed out after 1.00 seconds/);
  });

  it("answers 413 to a body over 6 MB and does not bother the function", async () => {
    const url = await open(ECHO);
    const response = await fetch(url, { method: "POST", body: Buffer.alloc(25 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(aws.events.all().filter(({ kind }) => kind === "lambda.invoked")).toEqual([]);
  });

  it("answers 429 when no concurrency is left", async () => {
    const url = await open(ECHO, { reserved_concurrent_executions: 0 });
    expect((await fetch(url)).status).toBe(429);
  });

  it.each(["FunctionURLAllowPublicAccess", "FunctionURLAllowInvokeAction"])("needs the statement %s", async (sid) => {
    const url = await open(ECHO);
    const policy = aws.iam.resourcePolicies.get(aws.functions.arn("fn"));
    const statements = Array.isArray(policy?.Statement) ? policy.Statement : [];
    aws.iam.resourcePolicies.set(aws.functions.arn("fn"), {
      Version: "2012-10-17",
      Statement: statements.filter((statement) => statement.Sid !== sid),
    });
    expect((await fetch(url)).status).toBe(403);
  });

  it("is closed when it is destroyed", async () => {
    const url = await open(ECHO);
    await destroy(aws, "aws_lambda_function_url", { function_name: "fn" });
    await expect(fetch(url)).rejects.toThrow();
  });
});
