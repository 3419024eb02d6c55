import { expect } from "vitest";
import { contentsOf } from "../../lab/aws/contents.ts";
import { EXAMPLE_VARIABLES } from "../../lab/example-variables.ts";
import type { LabOptions } from "../../lab/lab.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

/** Points the module at the simulated GitHub, which the examples but github-app have no variable for. */
const LAB_FILES = {
  "lab.tf": 'variable "github_api_url" {\n  type = string\n}\n',
  "lab_override.tf": 'module "gha_runner" {\n  github_api_url = var.github_api_url\n}\n',
};

/** The example, applied; a second plan changes nothing. */
export async function applyExample(example: string, options: LabOptions = {}): Promise<AppliedLab> {
  const variables = EXAMPLE_VARIABLES[example] ?? {};
  const lab = await applyLab({ example, files: example === "github-app" ? {} : LAB_FILES, variables, ...options });
  try {
    expect(await lab.terraform.hasChanges()).toBe(false);
    return lab;
  } catch (error: unknown) {
    await lab.stop();
    throw error;
  }
}

/** Runs a job to its end, holds the account to nothing being left of it, and answers the one MicroVM that it had. */
export async function runJob(applied: AppliedLab, repository: string) {
  const job = applied.queueJob({ repository });
  await untilSettled(applied, job);
  expect(job.conclusion).toBe("success");
  const [machine, ...more] = machinesOf(applied, job);
  expect(more).toEqual([]);
  if (machine === undefined) throw new Error("no MicroVM was launched");
  return machine;
}

/** Destroys the example and holds account and GitHub to nothing being left of it. */
export async function expectDestroyed(applied: AppliedLab): Promise<void> {
  await applied.terraform.destroy();
  expect(await applied.terraform.resources()).toEqual([]);
  expect(contentsOf(applied.aws)).toEqual([]);
  expect(applied.github.hooks().filter(({ target }) => target.kind !== "app")).toEqual([]);
  applied.github.assertFaithful();
}
