import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { request } from "@octokit/request";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, describe, expect, it } from "vitest";
import type { Machine } from "../../lab/aws/microvms/machine.ts";
import { EXAMPLE_VARIABLES, EXAMPLES } from "../../lab/example-variables.ts";
import type { LabGitHub } from "../../lab/github/start-github.ts";
import { applyExample, expectDestroyed, runJob } from "./applied-example.ts";
import type { AppliedLab } from "./applied-lab.ts";

let lab: AppliedLab | undefined;
afterEach(async () => {
  await lab?.stop();
  lab = undefined;
});

/** A token such as an Actions job has: it is no user's. */
async function installationToken({ app, apiUrl, installationId }: LabGitHub): Promise<string> {
  const auth = createAppAuth({
    appId: app.id,
    privateKey: app.privateKey,
    request: request.defaults({ baseUrl: apiUrl }),
  });
  return (await auth({ type: "installation", installationId })).token;
}

/** Their webhooks differ. */
const OWN_TESTS = new Set(["existing-webhook", "repositories"]);

/** What is special about an example. */
const MORE: Record<
  string,
  (applied: AppliedLab, machine: Machine, textOf: (path: string) => string) => Promise<void> | void
> = {
  async "private-network"({ aws, terraform }, { request }) {
    const arn = String((await terraform.outputs()).connector_arn?.value);
    expect(request.egress).toEqual([arn]);
    expect(aws.microvms.connectors.find(arn)).toMatchObject({
      state: "ACTIVE",
      config: { networkProtocol: "IPv4", subnetIds: EXAMPLE_VARIABLES["private-network"]?.subnet_ids },
    });
  },
  "custom-image"(_applied, { version }, textOf) {
    expect(version.config.environment).toMatchObject({ BUNDLE_PATH: "vendor/bundle" });
    expect(textOf("Dockerfile")).toMatch(
      /^COPY setup\.sh .*\nRUN dnf install .* postgresql15 ruby3\.2 .*\nRUN \[.*setup\.sh"\]$/m,
    );
    expect(textOf("setup.sh")).toContain("set -euo pipefail");
  },
  "ubuntu-image"(_applied, _machine, textOf) {
    expect(textOf("Dockerfile")).toMatch(/^FROM .*\/ubuntu:24\.04$/m);
    expect(textOf("runner.env")).toMatch(/^RUNNER_VERSION=/m);
  },
};

describe("the example", () => {
  it.each(["organization", "App"])(
    "existing-webhook is brought jobs by a hook of the %s made by hand",
    async (owner) => {
      const applied = await applyExample("existing-webhook");
      lab = applied;
      expect(applied.github.hooks()).toEqual([]);
      const outputs = await applied.terraform.outputs();
      const hook = applied.github.createHook(owner === "App" ? applied.github.app : "orgs/my-org", {
        url: String(outputs.webhook_payload_url?.value),
        secret: String(outputs.webhook_secret?.value),
        contentType: "json",
        events: ["workflow_job"],
      });

      await runJob(applied, "my-org/shop");
      expect(applied.github.hooks()).toEqual([hook]);
      await applied.terraform.destroy();
    },
  );

  it("existing-webhook is applied whatever token Terraform's environment has, thanks to its provider block", async () => {
    const environment: Record<string, string> = {};
    const applied = await applyExample("existing-webhook", { github: { environment } });
    lab = applied;
    const { github, terraform } = applied;
    const token = await installationToken(github);
    const withBlock = await readFile(join(terraform.dir, "main.tf"), "utf8");
    const withoutBlock = withBlock.replace(/^provider "github" \{\n(.*\n)*?\}\n/m, "");
    expect(withoutBlock).not.toContain('provider "github"');

    for (const name of ["GITHUB_TOKEN", "GH_TOKEN"]) {
      environment[name] = token;
      await terraform.write({ "main.tf": withBlock });
      await terraform.apply();
      await terraform.write({ "main.tf": withoutBlock });
      const refusal = await terraform.apply().catch((error: Error) => error.message.replace(/\s*\n[│\s]*/g, " "));
      expect(refusal).toContain("owner cannot be found by token: GET ");
      expect(refusal).toContain("/user: 403 Resource not accessible by integration []");
      expect(refusal).toContain("requires explicit configuration");
      delete environment[name];
    }
    await terraform.apply();
    await expectDestroyed(applied);
  });

  it("repositories serves the repositories that it names and no others", async () => {
    const applied = await applyExample("repositories", {
      github: { repositories: ["my-org/api", "my-org/web", "my-org/other"] },
    });
    lab = applied;
    const hooked = applied.github
      .hooks()
      .map(({ target }) => (target.kind === "repository" ? target.repository.name : target.kind));

    expect(hooked.sort()).toEqual(["api", "web"]);
    await runJob(applied, "my-org/web");
    await runJob(applied, "my-org/api");
    const calls = applied.aws.functions.output("gha-microvm-webhook").length;
    applied.queueJob({ repository: "my-org/other" });
    await applied.github.deliveries.settled();
    expect(applied.aws.functions.output("gha-microvm-webhook")).toHaveLength(calls);
    await expectDestroyed(applied);
  });

  // A folder that is added is applied here too, whether or not there is more to say of it.
  it.each(EXAMPLES.filter((name) => !OWN_TESTS.has(name)))(
    "%s is applied, runs a job and leaves nothing",
    async (name) => {
      const applied = await applyExample(name);
      lab = applied;
      const machine = await runJob(applied, "my-org/shop");
      const context = unzipSync(machine.version.artifact ?? new Uint8Array());
      const textOf = (path: string) => strFromU8(context[path] ?? new Uint8Array());

      await MORE[name]?.(applied, machine, textOf);
      await expectDestroyed(applied);
    },
  );
});
