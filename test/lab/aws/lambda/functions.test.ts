import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LabAws, startAws } from "../../../../lab/aws/aws.ts";
import { eventually } from "../../../support/eventually.ts";
import { addRole, apply, destroy, trust } from "../support/apply.ts";
import { deploy } from "../support/function.ts";
import { memoryGuests } from "../support/memory-guests.ts";

let aws: LabAws;
beforeEach(async () => {
  aws = await startAws({ guests: memoryGuests() });
});
afterEach(() => aws.stop());

const payload = (result: Awaited<ReturnType<LabAws["functions"]["invoke"]>>): unknown =>
  result.kind === "success" ? JSON.parse(result.payload) : result;

describe("a function", () => {
  it("gets Lambda's environment, credentials of its role and nothing of this process", async () => {
    await deploy(aws, {
      source: "exports.handler = async () => process.env",
      changes: { environment: [{ variables: { MINE: "1" } }] },
    });
    const environment = payload(await aws.functions.invoke("fn", {}));
    expect(environment).toMatchObject({
      MINE: "1",
      AWS_REGION: "eu-west-1",
      AWS_LAMBDA_FUNCTION_NAME: "fn",
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SESSION_TOKEN: expect.any(String),
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    });
    expect(environment).not.toHaveProperty("HOME");
  });

  it("is made anew without what was said of its loops", async () => {
    const source = "exports.handler = async () => 1";
    const state = await deploy(aws, { source });
    const type = "aws_lambda_function_recursion_config";
    const loops = await apply(aws, type, { function_name: "fn", recursive_loop: "Allow" });
    const read = () => aws.providers.aws.resources[type]?.read?.(loops);
    expect(await read()).toEqual({ recursive_loop: "Allow" });

    await destroy(aws, "aws_lambda_function", state);
    expect(await read()).toBeNull();
    await destroy(aws, "aws_iam_role_policy", { role: "fn-role", name: "own" });
    await destroy(aws, "aws_iam_role", { id: "fn-role" });
    await destroy(aws, "aws_cloudwatch_log_group", { id: "/aws/lambda/fn", name: "/aws/lambda/fn" });
    await deploy(aws, { source });
    expect(await read()).toEqual({ recursive_loop: "Terminate" });
  });

  it("knows its request and how much time is left", async () => {
    await deploy(aws, {
      source: "exports.handler = async (e, c) => [c.awsRequestId, c.functionName, c.getRemainingTimeInMillis()]",
    });
    const answer = payload(await aws.functions.invoke("fn", {}));
    expect(answer).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), "fn", expect.any(Number)]);
    expect(Array.isArray(answer) && answer[2] > 5_000 && answer[2] <= 60_000).toBe(true);
  });

  it("keeps its environment for the next invocation and starts another beside a busy one", async () => {
    await deploy(aws, {
      source: "exports.handler = async (ms) => { await new Promise((ok) => setTimeout(ok, ms)); return process.pid; }",
    });
    const first = payload(await aws.functions.invoke("fn", 0));
    expect(payload(await aws.functions.invoke("fn", 0))).toBe(first);
    const both = await Promise.all([aws.functions.invoke("fn", 200), aws.functions.invoke("fn", 200)]);
    expect(new Set(both.map(payload)).size).toBe(2);
  });

  it("starts anew after it exited", async () => {
    await deploy(aws, { source: "exports.handler = async (die) => { if (die) process.exit(3); return 'alive'; }" });
    expect(await aws.functions.invoke("fn", true)).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringContaining("exit status 3"),
    });
    expect(payload(await aws.functions.invoke("fn", false))).toBe("alive");
  });

  it("reports what its handler throws", async () => {
    await deploy(aws, { source: "exports.handler = async () => { throw new TypeError('no') }" });
    expect(await aws.functions.invoke("fn", {})).toEqual({ kind: "error", errorType: "TypeError", errorMessage: "no" });
  });

  it("fails to initialise when its module throws or has no such export", async () => {
    await deploy(aws, { source: "throw new Error('at start')" });
    expect(await aws.functions.invoke("fn", {})).toMatchObject({ errorType: "Error", errorMessage: "at start" });
    await deploy(aws, { name: "none", source: "exports.other = 1" });
    expect(await aws.functions.invoke("none", {})).toMatchObject({ errorType: "Runtime.HandlerNotFound" });
  });

  it("has no callback handlers any more, as in nodejs24.x", async () => {
    await deploy(aws, { source: "exports.handler = (event, context, done) => done(null, 1)" });
    expect(await aws.functions.invoke("fn", {})).toMatchObject({ errorType: "Runtime.CallbackHandlerDeprecated" });
  });

  it("runs new code after an update", async () => {
    await deploy(aws, {
      source: "exports.handler = async () => process.env.V",
      changes: { environment: [{ variables: { V: "1" } }] },
    });
    expect(payload(await aws.functions.invoke("fn", {}))).toBe("1");
    const config = aws.functions.get("fn");
    if (config === undefined) throw new Error("the function is gone");
    await aws.functions.put({ ...config, environment: { V: "2" } });
    expect(payload(await aws.functions.invoke("fn", {}))).toBe("2");
  });

  it("writes its lines to its log group", async () => {
    await deploy(aws, {
      source: `exports.handler = async () => { process.stdout.write('{"event":"a"}\\n'); console.log("b"); }`,
    });
    await aws.functions.invoke("fn", {});
    await eventually(() => expect(aws.functions.logs("fn")).toHaveLength(2));
    const [own, patched] = aws.functions.logs("fn").map(({ message }) => message);
    expect(own).toBe('{"event":"a"}');
    expect(patched).toMatch(/^\d{4}-.*Z\t[0-9a-f-]{36}\tINFO\tb$/);
  });

  it("has no log when its role may not write one", async () => {
    await deploy(aws, { source: "exports.handler = async () => console.log('lost')" });
    aws.iam.roles.get("fn-role")?.policies.clear();
    await aws.functions.invoke("fn", {});
    await eventually(() => expect(aws.functions.output("fn").join()).toContain("lost"));
    await eventually(() =>
      expect(aws.iam.decisions()).toContainEqual(
        expect.objectContaining({ action: "logs:CreateLogStream", allowed: false }),
      ),
    );
    expect(aws.functions.logs("fn")).toEqual([]);
  });
});

describe("CreateFunction", () => {
  it.each([
    [
      "a role that Lambda may not take on",
      async () => ({ role: await addRole(aws, "closed", [], ec2Trust) }),
      "cannot be assumed by Lambda",
    ],
    ["another runtime", async () => ({ runtime: "nodejs22.x" }), "nodejs24.x only"],
    ["another architecture", async () => ({ architectures: ["x86_64"] }), "arm64"],
    ["a handler that the zip does not hold", async () => ({ handler: "none.handler" }), "no file for the handler"],
    [
      "more than 4 KB of environment",
      async () => ({ environment: [{ variables: { A: "x".repeat(4_096) } }] }),
      "4KB limit",
    ],
    ["a reserved variable", async () => ({ environment: [{ variables: { AWS_REGION: "x" } }] }), "reserved keys"],
    ["a zip that does not exist", async () => ({ filename: "none.zip" }), "no such file"],
  ])("refuses %s", async (_what, changes, message) => {
    const source = "exports.handler = async () => 1";
    await expect(deploy(aws, { source, changes: await changes() })).rejects.toThrow(message);
  });

  const ec2Trust = trust(["sts:AssumeRole"]).replace("lambda.amazonaws.com", "ec2.amazonaws.com");
});
