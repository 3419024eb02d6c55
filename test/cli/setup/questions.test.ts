import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SetupRecord } from "../../../cli/setup/core/setup-record.ts";
import { setup } from "../../../cli/setup/setup.ts";
import { functionEnvironment } from "../../../lab/world/services/function-environment.ts";
import { type LocalServer, startLocalServer } from "../../support/local-server.ts";
import { type MemoryContextOptions, memoryContext } from "./memory-context.ts";
import { scriptedTerminal } from "./scripted-terminal.ts";

const RECORD = "/gha-microvm/setup";

let server: LocalServer;
let type: string | undefined;
beforeEach(async () => {
  type = "Organization";
  server = await startLocalServer(() =>
    type === undefined
      ? { status: 401, body: '{"message":"sign in"}' }
      : { status: 200, body: JSON.stringify({ type }) },
  );
});
afterEach(() => server.close());

/** Set-up whose person answers so, up to where a browser would be opened. */
async function ask(answers: readonly (readonly [RegExp, string])[], options: MemoryContextOptions = {}) {
  const memory = memoryContext({ github: server.url, terminal: scriptedTerminal(answers), ...options });
  const outcome = await setup(memory.context);
  const text = memory.parameters.get(RECORD);
  return { ...memory, outcome, record: text === undefined ? undefined : (JSON.parse(text) as SetupRecord) };
}

describe("what is to be served", () => {
  it("is asked for, and kept", async () => {
    const { outcome, record, terminal } = await ask([[/Organization, or user/, "my-org"]]);
    expect(outcome).toBe(3);
    expect(record).toMatchObject({ owner: "my-org", repositories: [], webhook: "organization", key: "ssm" });
    expect(record).not.toHaveProperty("runnerGroupId");
    expect(terminal.text()).toContain("/organizations/my-org/settings/apps/new?name=gha-microvm-my-org");
  });

  it.each<[string, string, [RegExp, string][], Partial<SetupRecord>]>([
    [
      "repositories",
      "Organization",
      [[/Repositories/, "shop, site"]],
      { webhook: "repository", repositories: ["shop", "site"] },
    ],
    ["the App's webhook", "Organization", [[/Webhook/, "app"]], { webhook: "app", repositories: [] }],
    ["a user's repository", "User", [[/Repositories/, "site"]], { ownerType: "User", webhook: "repository" }],
  ])("may be %s", async (_what, whose, answers, expected) => {
    type = whose;
    const { record } = await ask([[/Organization, or user/, "somebody"], ...answers]);
    expect(record).toMatchObject(expected);
  });

  it("is asked whose it is where GitHub does not tell strangers", async () => {
    type = undefined;
    const owner = [/Organization, or user/, "somebody"] as const;
    expect((await ask([owner])).record?.ownerType).toBe("Organization");
    const user = await ask([owner, [/Is somebody an organization/, "no"], [/Repositories/, "site"]]);
    expect(user.record?.ownerType).toBe("User");
  });

  it("may stand on the command line", async () => {
    const flags = { owner: "my-org", repositories: ["shop"], webhook: "repository", yes: true };
    expect((await ask([], { flags })).record).toMatchObject({ repositories: ["shop"], webhook: "repository" });
    const group = { owner: "my-org", runnerGroupId: 7, yes: true };
    expect((await ask([], { flags: group })).record).toMatchObject({ runnerGroupId: 7 });
  });

  it.each<[string, MemoryContextOptions["flags"], RegExp]>([
    ["no login", { owner: "not a login" }, /--owner wants the login/],
    ["a webhook of no kind", { owner: "my-org", webhook: "none" }, /--webhook wants terraform or app/],
    ["webhooks of no repositories", { owner: "my-org", webhook: "repository" }, /wants --repositories/],
    ["a key without its App", { owner: "my-org", keyFile: "/nowhere/app.pem" }, /--key-file wants --app-id/],
    ["a key in KMS for Terraform's webhook", { owner: "my-org", key: "kms" }, /goes with --webhook app/],
  ])("is refused as %s", async (_what, flags, text) => {
    await expect(ask([], { flags: { yes: true, ...flags } })).rejects.toThrow(text);
  });

  it("is nothing where the account is the wrong one", async () => {
    const { outcome, parameters, terminal } = await ask([[/Account 123456789012/, "no"]]);
    expect(outcome).toBe(3);
    expect(parameters.size).toBe(0);
    expect(terminal.text()).toContain("Nothing was changed.");
  });
});

describe("a deployment that was made by hand", () => {
  const settings = Object.fromEntries(
    Object.entries(functionEnvironment).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : String(value),
    ]),
  );
  const app = { app_id: "7", ssm_parameter_arn: "arn:aws:ssm:eu-west-1:123456789012:parameter/key" };

  it.each([
    ["is left as it is", app, false],
    ["is told how its key leaves the state", { app_id: "7", private_key: "KEY" }, true],
  ])("%s", async (_what, github_app, told) => {
    const secret = JSON.stringify({ webhook_secrets: ["secret"], github_app });
    const aws = { functionEnvironment: async () => settings, parameter: async () => secret };
    const { outcome, terminal, parameters } = await ask([], { aws });
    expect(outcome).toBe(0);
    expect(terminal.text()).toContain("was deployed by hand, with App 7");
    expect(terminal.text().includes("so in the state")).toBe(told);
    expect(parameters.size).toBe(0);
  });
});
