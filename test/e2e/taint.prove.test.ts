import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AppliedLab, applyLab, untilSettled } from "./applied-lab.ts";

/**
 * Resources whose name is fixed while Terraform has to make the new one before it deletes the old: what the image depends on, and
 * the image. Their error, and what the documentation gives as the way out.
 */
const TWICE: Readonly<Record<string, { error: RegExp; wayOut: "untaint" | "another name" }>> = {
  "aws_cloudwatch_log_group.runner": { error: /ResourceAlreadyExistsException/, wayOut: "untaint" },
  "aws_iam_role.build": { error: /EntityAlreadyExists/, wayOut: "untaint" },
  "aws_s3_bucket.artifacts": { error: /BucketAlreadyOwnedByYou/, wayOut: "untaint" },
  "awscc_lambda_microvm_image.runner[0]": { error: /already exists/, wayOut: "another name" },
};

/**
 * What belongs to those and has no second name either: create_before_destroy is handed down to it from the image (Terraform, the
 * lifecycle meta-argument), so that the new one takes the old one's place and goes when the old one is deleted; the next apply adds it.
 */
const AGAIN = new Set([
  "aws_iam_role_policy.build",
  "aws_s3_bucket_lifecycle_configuration.artifacts",
  "aws_s3_bucket_ownership_controls.artifacts",
  "aws_s3_bucket_policy.artifacts",
  "aws_s3_bucket_public_access_block.artifacts",
  "aws_s3_bucket_server_side_encryption_configuration.artifacts",
  "aws_s3_bucket_versioning.artifacts",
  "aws_s3_object.microvm_code",
]);

const PREFIX = "module.gha_runner.";
let lab: AppliedLab;
let addresses: string[];

/** Applies an example and remembers what it made. */
async function start(...of: Parameters<typeof applyLab>): Promise<void> {
  lab = await applyLab(...of);
  const all = await lab.terraform.resources();
  addresses = all.filter(({ mode }) => mode === "managed").map(({ address }) => address.replace(PREFIX, ""));
}

/** Taints what cannot stand twice, and takes the way out that is documented. */
async function takesTheWayOut(address: string, error: RegExp, wayOut: "untaint" | "another name"): Promise<void> {
  expect(addresses).toContain(address);
  await taint(address);
  const refused = await apply();

  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(error);
  if (wayOut === "untaint") await lab.terraform.run("untaint", "-no-color", `${PREFIX}${address}`);
  const mended = await apply(...(wayOut === "untaint" ? [] : [`-replace=${PREFIX}random_id.image`]));
  expect(mended, mended.stderr).toMatchObject({ exitCode: 0 });
  expect(await lab.terraform.hasChanges()).toBe(false);
  await untilSettled(lab, lab.queueJob());
}

const taint = (address: string) => lab.terraform.run("taint", "-no-color", `${PREFIX}${address}`);
const apply = (...args: string[]) => lab.terraform.run("apply", "-no-color", "-input=false", "-auto-approve", ...args);

/** Types that are tainted together: what depends on a thing is changed with it in any case. */
function groups(): string[][] {
  const byType = Map.groupBy(
    addresses.filter((address) => !(address in TWICE)),
    (address) => address.split(".")[0] ?? "",
  );
  return [...byType.values()];
}

describe("every resource of the module", { timeout: 1_200_000 }, () => {
  beforeAll(() => start());
  afterAll(() => lab?.stop());

  it("is made anew when it was tainted, and jobs run after that", async () => {
    for (const group of groups()) {
      for (const address of group) expect(await taint(address), address).toMatchObject({ exitCode: 0 });
      const applied = await apply();

      expect(applied, `${group}: ${applied.stderr}`).toMatchObject({ exitCode: 0 });
      if (group.some((address) => AGAIN.has(address))) expect(await apply()).toMatchObject({ exitCode: 0 });
      expect(await lab.terraform.hasChanges(), `${group}`).toBe(false);
      await lab.github.deliveries.settled();
      await untilSettled(lab, lab.queueJob());
    }
  });

  it.each(Object.entries(TWICE))("%s cannot stand twice, and has a way out", async (address, { error, wayOut }) => {
    await takesTheWayOut(address, error, wayOut);
  });
});

describe("an image without capabilities, under a key of the customer", { timeout: 1_200_000 }, () => {
  beforeAll(() =>
    start({ example: "own-key" }, ({ github }) => ({
      "call_override.tf": `module "gha_runner" {
        additional_os_capabilities = []
        github_api_url             = "${github.apiUrl}"
      }\n`,
    })),
  );
  afterAll(() => lab?.stop());

  it("has a stack that cannot stand twice, and has a way out", async () => {
    await takesTheWayOut("aws_cloudformation_stack.runner[0]", /AlreadyExistsException/, "untaint");
  });

  it("moves to another key when its own was tainted", async () => {
    await lab.terraform.run("taint", "-no-color", "aws_kms_key.runners");
    const applied = await apply();
    expect(applied, applied.stderr).toMatchObject({ exitCode: 0 });
    expect(await lab.terraform.hasChanges()).toBe(false);
    await untilSettled(lab, lab.queueJob());
  });
});
