import { afterEach, describe, expect, it } from "vitest";
import { remove } from "../../../cli/setup/remove.ts";
import { createAppKey } from "../../support/app-key.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../support/local-server.ts";
import { memoryContext } from "./memory-context.ts";

const KEY = "/gha-microvm/github-app-key";
const { pkcs1 } = createAppKey();

let server: LocalServer | undefined;
afterEach(() => server?.close());

async function gitHub(reply: Reply): Promise<string> {
  server = await startLocalServer(() => reply);
  return server.url;
}

describe("where nothing is known of a set-up", () => {
  it("nothing is left", async () => {
    const { context, terminal } = memoryContext();
    expect(await remove(context)).toBe(0);
    expect(terminal.text()).toContain("nothing is left of it");
  });

  it("a deployment is Terraform's to take away", async () => {
    const { context, terminal } = memoryContext({ aws: { functionEnvironment: async () => ({}) } });
    expect(await remove(context)).toBe(0);
    expect(terminal.text()).toContain("terraform destroy takes the deployment away");
  });

  it("an account that does not answer is no empty one", async () => {
    const { context } = memoryContext({
      aws: {
        async functionEnvironment() {
          throw new TypeError("broken");
        },
      },
    });
    await expect(remove(context)).rejects.toThrow("broken");
  });
});

describe("the order in which a deployment is taken away", () => {
  it.each([
    ["its parameter", { key: "ssm" as const }, KEY],
    ["its secret", { key: "secretsmanager" as const, keyAt: "arn:secret" }, "arn:secret"],
  ])("names %s", async (_what, record, place) => {
    const { context, terminal, keep } = memoryContext();
    keep(record);
    expect(await remove(context)).toBe(0);
    expect(terminal.text()).toContain(`deletes ${place} and /gha-microvm/setup`);
    expect(terminal.text()).toContain("/organizations/my-org/settings/apps/runners/advanced");
  });

  it("begins with Terraform", async () => {
    const { context, parameters, keep } = memoryContext({
      flags: { yes: true },
      aws: { functionEnvironment: async () => ({}) },
    });
    keep({});
    await expect(remove(context)).rejects.toThrow("terraform destroy comes first");
    expect(parameters.size).toBe(1);
  });
});

describe("what set-up did is undone", () => {
  it.each([204, 404])("also where GitHub answers %i to the uninstallation", async (status) => {
    const { context, parameters, keep } = memoryContext({
      github: await gitHub({ status, body: status === 404 ? '{"message":"Not Found"}' : "" }),
      flags: { yes: true },
    });
    keep({ installationId: "9" });
    parameters.set(KEY, pkcs1);
    expect(await remove(context)).toBe(0);
    expect(server?.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "DELETE /api/v3/app/installations/9",
    ]);
    expect([...parameters.keys()]).toEqual([]);
  });

  it("not where GitHub refuses it: the key is still needed", async () => {
    const { context, parameters, keep } = memoryContext({
      github: await gitHub({ status: 401, body: '{"message":"Bad credentials"}' }),
      flags: { yes: true },
    });
    keep({ installationId: "9" });
    parameters.set(KEY, pkcs1);
    await expect(remove(context)).rejects.toThrow();
    expect(parameters.get(KEY)).toBe(pkcs1);
  });

  it.each([
    ["no App was made", { appId: undefined, installationId: "9" }],
    ["no App was installed", { installationId: undefined }],
    ["no key was stored", { installationId: "9" }],
  ])("where %s without asking GitHub", async (_what, record) => {
    const { context, parameters, keep } = memoryContext({
      github: await gitHub({ status: 500 }),
      flags: { yes: true },
    });
    keep(record);
    expect(await remove(context)).toBe(0);
    expect(server?.requests).toEqual([]);
    expect([...parameters.keys()]).toEqual([]);
  });

  it.each([
    ["a KMS key", { key: "kms" as const, keyAt: "arn:key" }, "aws kms schedule-key-deletion --key-id arn:key"],
    ["a file", { key: "file" as const, keyAt: "/nowhere/app.pem" }, "The file /nowhere/app.pem stays."],
  ])("and %s stays, by name", async (_what, record, line) => {
    const { context, terminal, keep } = memoryContext({ flags: { yes: true } });
    keep(record);
    expect(await remove(context)).toBe(0);
    expect(terminal.text()).toContain(line);
    expect(terminal.text()).toContain("No API deletes an App");
  });
});
