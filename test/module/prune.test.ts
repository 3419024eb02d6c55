import { afterAll, beforeAll, expect, it } from "vitest";
import type { Image } from "../../lab/aws/microvms/image.ts";
import { eventually } from "../support/eventually.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const DAY_MS = 24 * 3_600_000;
const call = (memoryMib: number) => ({
  ...GOOD_CALL,
  additional_os_capabilities: [],
  image_versions_kept: 1,
  runner_memory_mib: memoryMib,
});

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(call(512));
});
afterAll(() => account?.close());

it("prunes the image that a CloudFormation stack made, of which Terraform sees nothing", async () => {
  let image: Image | undefined;
  for (const memoryMib of [512, 1_024, 2_048]) {
    await account.setCall(call(memoryMib));
    await account.workspace.apply();
    [image] = account.aws.microvms.images.all();
  }
  const versions = () => image?.versions.map(({ version }) => version);
  expect(versions()).toEqual(["1.0", "2.0", "3.0"]);

  for (const [index, version] of image?.versions.entries() ?? []) version.createdAt -= (3 - index) * DAY_MS;
  expect(await account.aws.scheduler.fire("gha-microvm-prune")).toBe("invoked");
  await eventually(() => expect(versions()).toEqual(["3.0"]));

  expect(await account.workspace.hasChanges()).toBe(false);
  const outputs: Record<string, unknown> = Object((await account.workspace.outputs()).gha_runner?.value);
  expect(outputs.image_version).toBe("3.0");
});
