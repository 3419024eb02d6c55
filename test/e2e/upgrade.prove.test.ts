import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Job } from "../../lab/github/jobs.ts";
import type { ResourceChange } from "../../lab/terraform/terraform.ts";
import { MODULE_DIR } from "../module/parse-module.ts";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

/** The Terraform files and zips of the tree that `release-tree` makes of commit 7a2404e. */
const RELEASED = fileURLToPath(new URL("../fixtures/release-7a2404e", import.meta.url));

/** What an upgrade must never make anew: jobs are in it, or GitHub knows it. */
const KEPT = [
  "aws_dynamodb_table.jobs",
  "aws_lambda_function_url.webhook",
  "aws_s3_bucket.artifacts",
  "aws_sqs_queue.dead_letters",
  "aws_sqs_queue.jobs",
  "random_id.image",
  "random_password.webhook",
];

let lab: AppliedLab;
let running: Job;
let waiting: Job;
let changes: ResourceChange[];

beforeAll(async () => {
  lab = await applyLab({
    module: RELEASED,
    files: { "one_at_a_time_override.tf": 'module "gha_runner" {\n  max_concurrency = 1\n}\n' },
  });
  running = lab.queueJob({ durationMs: 600_000 });
  await eventually(() => expect(running.status).toBe("in_progress"));
  waiting = lab.queueJob();
});
afterAll(() => lab?.stop());

describe("an upgrade from an earlier release", { timeout: 600_000 }, () => {
  it("replaces nothing that jobs are in or that GitHub knows", async () => {
    const module = join(lab.terraform.dir, "../../module");
    await rm(module, { recursive: true });
    await cp(MODULE_DIR, module, { recursive: true });
    await lab.terraform.run("init", "-no-color", "-input=false", "-upgrade");

    ({ resource_changes: changes } = await lab.terraform.plan());

    for (const address of KEPT) {
      const change = changes.find((each) => each.address === `module.gha_runner.${address}`)?.change;
      expect(change?.actions, address).not.toContain("delete");
      expect(change?.actions, address).not.toContain("create");
    }
  });

  it("is applied while one job runs and another waits, and both are served", async () => {
    expect(machinesOf(lab, waiting)).toEqual([]);

    await lab.terraform.apply();
    expect(await lab.terraform.hasChanges()).toBe(false);
    lab.github.cancelJob(running.id);

    await eventually(() => expect(running.status).toBe("completed"));
    await untilSettled(lab, waiting);
    expect(waiting.conclusion).toBe("success");
  });
});
