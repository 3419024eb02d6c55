import { join } from "node:path";
import { expect } from "vitest";
import { DOCUMENTED_VERSION, MODULE_SOURCE } from "../../../contract/module-source.ts";
import { serveProviders } from "../../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../../lab/terraform/terraform.ts";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";
import { eventually } from "../../support/eventually.ts";
import type { SetupLab } from "./setup-lab.ts";

export interface Applied {
  terraform: Workspace;
  /** Texts of the state and of a plan. */
  kept(): Promise<string>;
  close(): Promise<void>;
}

/** Applies a `main.tf` as it is, the module from the registry, to the lab; a second plan is empty. */
export async function applyConfiguration(
  lab: SetupLab,
  files: Record<string, string>,
  module = { version: DOCUMENTED_VERSION, folder: join(PROJECT_ROOT, "module") },
): Promise<Applied> {
  const terraform = await createWorkspace({ files });
  lab.aws.workingDirectory = terraform.dir;
  const providers = await serveProviders({
    behaviours: { aws: lab.aws.providers.aws, awscc: lab.aws.providers.awscc, github: lab.github.providers.github },
    strict: true,
    account: lab.aws.account.accountId,
    region: lab.aws.account.region,
    workingDirectory: terraform.dir,
    modules: { [MODULE_SOURCE]: module },
  });
  terraform.setEnv(providers.env);
  await terraform.init();
  await terraform.apply();
  expect((await terraform.plan()).changes).toBe(false);
  return {
    terraform,
    kept: async () => {
      const state = await terraform.run("state", "pull");
      const plan = await terraform.run("show", "-json", "lab.tfplan");
      return state.stdout + plan.stdout;
    },
    async close() {
      await providers.close();
      await terraform.close();
    },
  };
}

/** Runs one job to its end. */
export async function runOneJob(lab: SetupLab, repository = "my-org/shop"): Promise<void> {
  const job = lab.github.queueJob({
    repository,
    labels: ["self-hosted", "linux", "arm64", "microvm"],
    durationMs: 200,
  });
  await eventually(() => {
    expect(job.status).toBe("completed");
    expect(job.conclusion).toBe("success");
    expect(lab.aws.leftovers().microvms).toEqual([]);
  });
}
