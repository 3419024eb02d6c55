import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { beginEarly } from "../../../dispatcher/handlers/begin-early.ts";
import { functionEnvironment } from "../../../lab/world/services/function-environment.ts";
import { bundleDispatcher } from "../../../src/bundle/bundle-dispatcher.ts";
import { type LocalServer, startLocalServer } from "../../support/local-server.ts";

describe("beginEarly", () => {
  beforeEach(() => vi.stubEnv("_HANDLER", "one.handler"));
  afterEach(() => vi.unstubAllEnvs());

  it("makes and begins nothing for another function of the same file", () => {
    const compose = vi.fn(() => ({}));
    expect(beginEarly("other.handler", compose, () => [])).toBeUndefined();
    expect(compose).not.toHaveBeenCalled();
  });

  it("leaves to the invocation whatever fails", async () => {
    const failing = () => Promise.reject(new Error("no answer"));
    const deps = { secret: "s" };
    expect(
      beginEarly(
        "one.handler",
        () => deps,
        () => [failing(), failing()],
      ),
    ).toBe(deps);
    const broken = () => {
      throw new Error("TABLE_NAME is missing");
    };
    expect(beginEarly("one.handler", broken, () => [])).toBeUndefined();
    await new Promise(setImmediate);
  });
});

describe("loading a function's file", () => {
  let folder: string;
  let server: LocalServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "early-"));
    for (const [name, text] of await bundleDispatcher()) await writeFile(join(folder, name), text);
    server = await startLocalServer(() => ({ status: 400, body: '{"__type":"ValidationException"}' }));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  /** Loads the file as Lambda does for this handler; the operations that were called by the time all was quiet. */
  async function operationsOf(handler: string): Promise<string[]> {
    server.requests.length = 0;
    const [file = ""] = handler.split(".");
    const variables = Object.entries({ ...functionEnvironment, SECRET_PARAM: "/s", WEBHOOK_SECRET_PARAM: "/w" });
    const child = spawn(process.execPath, ["-e", `require(${JSON.stringify(join(folder, `${file}.js`))})`], {
      env: {
        ...Object.fromEntries(variables.map(([name, value]) => [name, String(value)])),
        ...{ _HANDLER: handler, AWS_ENDPOINT_URL: server.url, AWS_REGION: "eu-west-1" },
        ...{ AWS_ACCESS_KEY_ID: "AKIDEXAMPLE0000000", AWS_SECRET_ACCESS_KEY: "secret" },
      },
      stdio: "inherit",
    });
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
    return server.requests.map(({ headers }) => headers["x-amz-target"] ?? "").sort();
  }

  it.each([
    ["dispatcher.handler", ["AmazonSSM.GetParameter", "DynamoDB_20120810.GetItem"]],
    ["webhook.handler", ["AmazonSSM.GetParameter"]],
    ["scheduled.prune", []],
    ["scheduled.redeliver", []],
    ["scheduled.refresh", []],
  ])("begins for %s what it may and what it will need: %j", async (handler, operations) => {
    expect(await operationsOf(handler)).toEqual(operations);
  });
});
