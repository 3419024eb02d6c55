import { readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ResourceChange } from "../../lab/terraform/terraform.ts";
import { openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";
import { MODULE_DIR } from "./parse-module.ts";

/** The Terraform files and zips of an earlier commit's module. */
const treeOf = (commit: string) => fileURLToPath(new URL(`../fixtures/release-${commit}`, import.meta.url));
/** The last commit without `runner_classes`. */
const BEFORE_CLASSES = "467e797";
/** Release 1.0.0. */
const FIRST_RELEASE = "7a2404e";

const RUNNER = readFileSync(join(treeOf(BEFORE_CLASSES), "image/runner.env"), "utf8");
const runnerOf = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(RUNNER)?.[1] ?? "";

const SHAPES = Object.entries({
  "by default": {},
  "without capabilities, by a stack": { additional_os_capabilities: [] },
  "of one's own": {
    ...{ extra_packages: ["jq"], setup_commands: ["true"] },
    ...{ runner_version: runnerOf("RUNNER_VERSION"), runner_sha256: runnerOf("RUNNER_SHA256") },
  },
});

/** What the image is made of: later versions of the module change that, and with it the image. */
const OF_IMAGE = ["image", "image.zip"];

/** What people look at and are woken by: what changes there is in the changelog, and no job depends on it. */
const MONITORING = /^aws_cloudwatch_(?:dashboard|log_metric_filter|metric_alarm|query_definition)$/;

/** Applies an earlier module, then this one, with what the image is made of as it was where asked; answers what the upgrade changed beside monitoring, and images before and after. */
async function upgrade(commit: string, shape: object, { sameImage = false } = {}) {
  const call = { ...GOOD_CALL, ...shape };
  const account = await openInAccount(call);
  const imagesNow = () =>
    account.aws.microvms.images.all().map(({ arn, versions }) => ({ arn, count: versions.length }));
  try {
    await account.setModule(treeOf(commit));
    await account.workspace.apply();
    const before = imagesNow();
    await account.setModule(MODULE_DIR);
    for (const name of sameImage ? OF_IMAGE : []) {
      await cp(join(treeOf(commit), name), join(account.workspace.dir, "module", name), { recursive: true });
    }
    const { resource_changes: changes } = await account.workspace.plan();
    await account.workspace.apply();
    expect(await account.workspace.hasChanges()).toBe(false);
    const changed = changes.filter(isOfJobs);
    expect(changed.filter(({ previous_address: earlier }) => earlier !== undefined)).toEqual([]);
    return { changed: changed.map(lineOf).toSorted(), before, after: imagesNow() };
  } finally {
    await account.close();
  }
}

const isOfJobs = ({ type, previous_address, change }: ResourceChange) =>
  !MONITORING.test(type) && (previous_address !== undefined || !["no-op", "read"].includes(change.actions.join()));
const lineOf = ({ address, change }: ResourceChange) =>
  `${change.actions.join()} ${address.replace("module.gha_runner.", "")}`;

describe.each(SHAPES)("an upgrade with an image %s", (_name, shape) => {
  it("from the module before classes changes code, environment and policies in place, and nothing of the image", async () => {
    const { changed, before, after } = await upgrade(BEFORE_CLASSES, shape, { sameImage: true });
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((line) => !/^update aws_(?:lambda_function|iam_role_policy)\.\w+$/.test(line))).toEqual([]);
    expect(after).toEqual(before);
  });

  it("from release 1.0.0 makes the refresh function and another version of the same image", async () => {
    const { changed, before, after } = await upgrade(FIRST_RELEASE, shape);
    expect(changed.filter((line) => !line.startsWith("update "))).toEqual([
      "create aws_cloudwatch_log_group.refresh",
      ...["refresh", "refresh_schedule"].map((name) => `create aws_iam_role.${name}`),
      ...["refresh", "refresh_schedule"].map((name) => `create aws_iam_role_policy.${name}`),
      "create aws_lambda_function.refresh",
      "create aws_lambda_function_recursion_config.dispatcher",
      "create aws_scheduler_schedule.refresh",
      "create random_id.artifact",
      // Its key names what is in it: the new one is there before the image is built from it.
      "create,delete aws_s3_object.microvm_code",
    ]);
    expect(after).toEqual(before.map(({ arn, count }) => ({ arn, count: count + 1 })));
  });
});
