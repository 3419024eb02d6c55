import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Image } from "../../lab/aws/microvms/image.ts";
import { eventually } from "../support/eventually.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const DAY_MS = 24 * 3_600_000;
const ALL = { ...GOOD_CALL };
const NONE = { ...GOOD_CALL, additional_os_capabilities: [], runner_environment: { TZ: "Europe/Dublin" } };

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(ALL);
});
afterAll(() => account.close());

const addresses = async () =>
  (await account.workspace.resources())
    .filter(({ mode }) => mode === "managed")
    .map(({ address }) => address.replace("module.gha_runner.", ""))
    .filter((address) => address.includes("microvm_image") || address.includes("cloudformation"));
const onlyImage = (): Image => {
  const [image, ...others] = account.aws.microvms.images.all();
  expect(others).toEqual([]);
  if (image === undefined) throw new Error("there is no image");
  return image;
};
const outputs = async (): Promise<Record<string, unknown>> =>
  Object((await account.workspace.outputs()).gha_runner?.value);

/** Applies the call and answers the account's one image. */
async function applied(call: Record<string, unknown>): Promise<Image> {
  await account.setCall(call);
  await account.workspace.apply();
  return onlyImage();
}

describe("the image's capabilities", () => {
  it("are gone, back and gone again as the input says, each time in an image of a new name", async () => {
    const withAll = await applied(ALL);
    expect(withAll.versions.at(-1)?.config.capabilities).toEqual(["ALL"]);
    expect(await addresses()).toEqual(["awscc_lambda_microvm_image.runner[0]"]);
    expect(await outputs()).toMatchObject({ image_arn: withAll.arn, image_version: "1.0" });

    const withNone = await applied(NONE);
    expect(withNone.versions.at(-1)?.config).toEqual({
      ...withAll.versions.at(-1)?.config,
      capabilities: [],
      environment: { GHA_MEMORY_MIB: "8192", TZ: "Europe/Dublin" },
      logging: { ...withAll.versions.at(-1)?.config.logging, logGroup: `/aws/lambda-microvms/${withNone.name}` },
    });
    expect(withNone.tags).toEqual(withAll.tags);
    expect(await addresses()).toEqual(["aws_cloudformation_stack.runner[0]"]);
    expect(await outputs()).toMatchObject({ image_arn: withNone.arn, image_version: "1.0" });
    expect(await account.workspace.hasChanges()).toBe(false);

    const back = await applied(ALL);
    const again = await applied(NONE);
    expect(new Set([withAll, withNone, back, again].map(({ name }) => name)).size).toBe(4);
    expect(again.versions.at(-1)?.config.capabilities).toEqual([]);
  });

  it("stay away when the image is built anew in place", async () => {
    const before = onlyImage();
    const after = await applied({ ...NONE, runner_memory_mib: 512 });

    expect(after.arn).toBe(before.arn);
    expect(after.versions.map(({ version }) => version)).toEqual(["1.0", "2.0"]);
    expect(after.versions.at(-1)?.config).toMatchObject({ capabilities: [], memoryMib: 512 });
    expect(await outputs()).toMatchObject({ image_version: "2.0" });
  });

  it("do not keep an image that a CloudFormation stack made from being pruned, of which Terraform sees nothing", async () => {
    const { versions } = await applied({ ...NONE, image_versions_kept: 1, runner_memory_mib: 1_024 });
    const left = () => onlyImage().versions.map(({ version }) => version);
    expect(left()).toEqual(["1.0", "2.0", "3.0"]);

    for (const [index, version] of versions.entries()) version.createdAt -= (3 - index) * DAY_MS;
    expect(await account.aws.scheduler.fire("gha-microvm-prune")).toBe("invoked");
    await eventually(() => expect(left()).toEqual(["3.0"]));

    expect(await account.workspace.hasChanges()).toBe(false);
    expect(await outputs()).toMatchObject({ image_version: "3.0" });
  });

  it("leave no image behind in either form", async () => {
    await account.workspace.destroy();

    expect(account.aws.microvms.images.all()).toEqual([]);
  });

  it("can be had again under the same prefix once the module was destroyed", async () => {
    expect((await applied(ALL)).versions.at(-1)?.config.capabilities).toEqual(["ALL"]);
  });
});
