import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../lab/aws/contents.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(GOOD_CALL);
});
afterAll(() => account.close());

/** In this order, each from the one before. */
const STEPS: readonly [string, Record<string, unknown>][] = [
  ["the default names", {}],
  ["another prefix, with webhooks of repositories", { name_prefix: "other", github_repositories: ["my-org/a"] }],
  ["the prefix of before, with a bucket of another name", { artifacts_bucket_name: "my-artifacts" }],
  ["another prefix and no capabilities", { name_prefix: "other", additional_os_capabilities: [] }],
  ["the prefix of before once more", { additional_os_capabilities: [] }],
];

describe("a deployment", { timeout: 600_000 }, () => {
  it.each(STEPS)("is given %s, and there is nothing of the names of before", async (_what, inputs) => {
    await account.setCall({ ...GOOD_CALL, ...inputs });
    await account.workspace.plan();
    await account.workspace.apply();

    expect((await account.workspace.plan()).changes).toBe(false);
    const { name_prefix: prefix = "gha-microvm" } = inputs;
    const strange = prefix === "other" ? "gha-microvm" : "other";
    expect(contentsOf(account.aws).filter((line) => line.includes(strange))).toEqual([]);
    expect(account.aws.microvms.images.all().map(({ state }) => state)).toEqual(["CREATED"]);
  });

  it("leaves nothing when it is destroyed", async () => {
    await account.workspace.destroy();

    expect(contentsOf(account.aws)).toEqual([]);
  });
});
