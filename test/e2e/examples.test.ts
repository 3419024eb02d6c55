import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { request } from "@octokit/request";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, describe, expect, it } from "vitest";
import type { LabGitHub } from "../../lab/github/start-github.ts";
import type { LabOptions } from "../../lab/lab.ts";
import { EXAMPLE_VARIABLES } from "../module/example-variables.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

/** Points the module at the simulated GitHub, which the examples have no variable for. */
const LAB_FILES = {
  "lab.tf": 'variable "github_api_url" {\n  type = string\n}\n',
  "lab_override.tf": 'module "gha_runner" {\n  github_api_url = var.github_api_url\n}\n',
};

let lab: AppliedLab | undefined;
afterEach(async () => {
  await lab?.stop();
  lab = undefined;
});

async function applyExample(example: string, options: LabOptions = {}): Promise<AppliedLab> {
  const variables = EXAMPLE_VARIABLES[example] ?? {};
  lab = await applyLab({ example, files: LAB_FILES, variables, ...options });
  expect((await lab.terraform.plan()).changes).toBe(false);
  return lab;
}

/** Runs a job to its end, holds the account to nothing being left of it, and answers the one MicroVM that it had. */
async function runJob(applied: AppliedLab, repository: string) {
  const job = applied.queueJob({ repository });
  await untilSettled(applied, job);
  expect(job.conclusion).toBe("success");
  const [machine, ...more] = machinesOf(applied, job);
  expect(more).toEqual([]);
  if (machine === undefined) throw new Error("no MicroVM was launched");
  return machine;
}

/** A token such as an Actions job has: it is no user's. */
async function installationToken({ app, apiUrl, installationId }: LabGitHub): Promise<string> {
  const auth = createAppAuth({
    appId: app.id,
    privateKey: app.privateKey,
    request: request.defaults({ baseUrl: apiUrl }),
  });
  return (await auth({ type: "installation", installationId })).token;
}

async function destroyed(applied: AppliedLab): Promise<void> {
  await applied.terraform.destroy();
  expect(await applied.terraform.resources()).toEqual([]);
  expect(applied.aws.iam.roles.all()).toEqual([]);
  expect(applied.aws.microvms.images.all()).toEqual([]);
  expect(applied.github.hooks().filter(({ target }) => target.kind !== "app")).toEqual([]);
  applied.github.assertFaithful();
}

describe("the example", { timeout: 300_000 }, () => {
  it("repositories serves the repositories that it names and no others", async () => {
    const applied = await applyExample("repositories", {
      github: { repositories: ["my-org/api", "my-org/web", "my-org/other"] },
    });
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
    await destroyed(applied);
  });

  it.each(["organization", "App"])(
    "existing-webhook is brought jobs by a hook of the %s made by hand",
    async (owner) => {
      const applied = await applyExample("existing-webhook");
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
    await destroyed(applied);
  });

  it("private-network sends jobs through its connector", async () => {
    const applied = await applyExample("private-network");
    const arn = String((await applied.terraform.outputs()).connector_arn?.value);

    expect((await runJob(applied, "my-org/shop")).request.egress).toEqual([arn]);
    expect(applied.aws.microvms.connectors.find(arn)).toMatchObject({
      state: "ACTIVE",
      config: { networkProtocol: "IPv4", subnetIds: EXAMPLE_VARIABLES["private-network"]?.subnet_ids },
    });
    await destroyed(applied);
    expect(applied.aws.microvms.connectors.find(arn)).toBeUndefined();
  });

  it("custom-image runs jobs on an image with what it asks for", async () => {
    const applied = await applyExample("custom-image");
    const { version } = await runJob(applied, "my-org/shop");
    const context = unzipSync(version.artifact ?? new Uint8Array());
    const dockerfile = strFromU8(context.Dockerfile ?? new Uint8Array());

    expect(version.config.environment).toMatchObject({ BUNDLE_PATH: "vendor/bundle" });
    expect(dockerfile).toMatch(
      /^COPY setup\.sh .*\nRUN dnf install .* postgresql15 ruby3\.2 .*\nRUN \[.*setup\.sh"\]$/m,
    );
    expect(strFromU8(context["setup.sh"] ?? new Uint8Array())).toContain("set -euo pipefail");
    await destroyed(applied);
  });
});
