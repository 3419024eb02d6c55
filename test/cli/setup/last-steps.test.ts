import { afterEach, describe, expect, it } from "vitest";
import type { AwsReader } from "../../../cli/aws/aws-reader.ts";
import { appAccess } from "../../../cli/setup/app-access.ts";
import { PLACEHOLDER_HOOK } from "../../../cli/setup/core/manifest.ts";
import type { SetupRecord } from "../../../cli/setup/core/setup-record.ts";
import { lastSteps } from "../../../cli/setup/last-steps.ts";
import { RefusedError } from "../../../dispatcher/errors.ts";
import { functionEnvironment } from "../../../lab/world/services/function-environment.ts";
import { createAppKey } from "../../support/app-key.ts";
import { type LocalServer, type Reply, startLocalServer } from "../../support/local-server.ts";
import { memoryContext, RECORD } from "./memory-context.ts";

const { pkcs1 } = createAppKey();
const OURS = functionEnvironment.FINISH_BASE_URL;
const SECRET = JSON.stringify({
  webhook_secrets: ["newest", "older"],
  github_app: { app_id: "7", private_key: pkcs1 },
});

let server: LocalServer | undefined;
afterEach(() => server?.close());

/** An App whose webhook is as GitHub answers, and an account in which little can be read. */
async function begin(hook: Reply, record: Partial<SetupRecord> = {}, aws: Partial<AwsReader> = {}) {
  const started = await startLocalServer(({ method, path }) => {
    if (path !== "/app/hook/config") return { status: 404, body: '{"message":"Not Found"}' };
    return method === "GET" ? hook : { status: 200, body: "{}" };
  });
  server = started;
  const { context, terminal } = memoryContext({
    aws: { address: started.url, parameter: async () => SECRET, ...aws },
  });
  const deployment = { prefix: "gha-microvm", settings: { ...functionEnvironment, GH_API_URL: started.url } };
  const access = appAccess(started.url, "my-org", "7", pkcs1);
  const run = () => lastSteps(context, { ...RECORD, webhook: "app", ...record }, access, deployment);
  const changes = () => started.requests.filter(({ method }) => method === "PATCH").map(({ body }) => JSON.parse(body));
  return { run, changes, terminal };
}

const leadsTo = (url?: string): Reply => ({ status: 200, body: JSON.stringify(url === undefined ? {} : { url }) });

describe("the App's own webhook", () => {
  it.each([PLACEHOLDER_HOOK, OURS, `${OURS}/`])(
    "is led to the deployment from %s, with the newest secret",
    async (url) => {
      const { run, changes, terminal } = await begin(leadsTo(url));
      await run();
      expect(changes()).toEqual([{ url: `${OURS}/`, secret: "newest", content_type: "json" }]);
      expect(terminal.text()).toContain(`The App's webhook leads to ${OURS}/`);
    },
  );

  it.each([
    [
      "another deployment's",
      leadsTo("https://other.example/"),
      /leads to https:\/\/other\.example\/: another deployment/,
    ],
    ["of no address", leadsTo(), /another deployment/],
    ["not to be read", { status: 403, body: '{"message":"Forbidden"}' } satisfies Reply, /could not be read/],
  ])("is left alone where it is %s", async (_what, hook, text) => {
    const { run, changes } = await begin(hook);
    await expect(run()).rejects.toThrow(text);
    expect(changes()).toEqual([]);
  });

  it("is not asked about where Terraform manages one", async () => {
    const { run, terminal } = await begin("drop", { webhook: "organization" });
    await run();
    expect(terminal.text()).not.toContain("webhook leads");
    expect(server?.requests.filter(({ path }) => path.startsWith("/app/hook/config"))).toEqual([]);
  });
});

describe("a first job", () => {
  const refuse = async (): Promise<never> => {
    throw new RefusedError("denied");
  };
  const refused: Partial<AwsReader> = { parameter: refuse, functionEnvironment: refuse };

  it.each([
    ["a repository that is named", ["shop"], "my-org/shop/new/HEAD"],
    ["any repository of an organization", [], "my-org/REPOSITORY/new/HEAD"],
  ])("is proposed for %s where no check fails", async (_what, repositories, address) => {
    const { run, terminal } = await begin("drop", { webhook: "organization", repositories }, refused);
    expect(await run()).toBe(0);
    expect(terminal.text()).toContain(address);
    expect(terminal.text()).toContain("runs-on: [self-hosted, microvm]");
  });

  it("is not where one does", async () => {
    const { run, terminal } = await begin("drop", { webhook: "organization" });
    expect(await run()).toBe(1);
    expect(terminal.text()).toMatch(/FAIL/);
    expect(terminal.text()).not.toContain("A first job");
  });
});
