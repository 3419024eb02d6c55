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

beforeAll(async () => {
  lab = await applyLab();
  const all = await lab.terraform.resources();
  addresses = all.filter(({ mode }) => mode === "managed").map(({ address }) => address.replace(PREFIX, ""));
});
afterAll(() => lab?.stop());

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
  });
});
