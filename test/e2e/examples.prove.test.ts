import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { request } from "@octokit/request";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, describe, expect, it } from "vitest";
import type { LabGitHub } from "../../lab/github/start-github.ts";
import { EXAMPLE_VARIABLES } from "../module/example-variables.ts";
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

  it("private-network sends jobs through its connector", async () => {
    const applied = await applyExample("private-network");
    lab = applied;
    const arn = String((await applied.terraform.outputs()).connector_arn?.value);

    expect((await runJob(applied, "my-org/shop")).request.egress).toEqual([arn]);
    expect(applied.aws.microvms.connectors.find(arn)).toMatchObject({
      state: "ACTIVE",
      config: { networkProtocol: "IPv4", subnetIds: EXAMPLE_VARIABLES["private-network"]?.subnet_ids },
    });
    await expectDestroyed(applied);
    expect(applied.aws.microvms.connectors.find(arn)).toBeUndefined();
  });

  it("custom-image runs jobs on an image with what it asks for", async () => {
    const applied = await applyExample("custom-image");
    lab = applied;
    const { version } = await runJob(applied, "my-org/shop");
    const context = unzipSync(version.artifact ?? new Uint8Array());
    const dockerfile = strFromU8(context.Dockerfile ?? new Uint8Array());

    expect(version.config.environment).toMatchObject({ BUNDLE_PATH: "vendor/bundle" });
    expect(dockerfile).toMatch(
      /^COPY setup\.sh .*\nRUN dnf install .* postgresql15 ruby3\.2 .*\nRUN \[.*setup\.sh"\]$/m,
    );
    expect(strFromU8(context["setup.sh"] ?? new Uint8Array())).toContain("set -euo pipefail");
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
});
