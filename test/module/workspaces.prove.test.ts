import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../lab/aws/contents.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const NAMES = ["one", "two"];
/** One configuration for all workspaces: what differs is told by the workspace that is selected. */
const said = (what: string) => `module "gha_runner" {
  name_prefix    = "gha-\${terraform.workspace}"
  setup_commands = ["echo \${terraform.workspace} ${what}"]
}
`;

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(GOOD_CALL);
});
afterAll(() => account.close());

const terraform = async (...args: string[]) => {
  const run = await account.workspace.run(...args);
  expect(run, run.stderr).toMatchObject({ exitCode: 0 });
};
const select = (name: string) => terraform("workspace", "select", "-no-color", name);

/** What the image of a workspace says that it was built from last. */
function builtOf(name: string): string {
  const image = account.aws.microvms.images.all().find((each) => each.name.startsWith(`gha-${name}-runner-`));
  const artifact = image?.versions.at(-1)?.artifact ?? new Uint8Array();
  return strFromU8(unzipSync(artifact).Dockerfile ?? new Uint8Array());
}

async function expectSettled(name: string, what: string): Promise<void> {
  await select(name);
  expect((await account.workspace.plan()).changes, name).toBe(false);
  expect(builtOf(name)).toContain(`"echo ${name} ${what}"]`);
}

describe("two workspaces of one checkout", { timeout: 600_000 }, () => {
  it("each build their own image, made and changed in turn", async () => {
    for (const what of ["first", "second"]) {
      await account.workspace.write({ "said_override.tf": said(what) });
      for (const name of NAMES) {
        if (what === "first") await terraform("workspace", "new", "-no-color", name);
        else await select(name);
        await account.workspace.plan();
        await account.workspace.apply();
      }
      for (const name of NAMES) await expectSettled(name, what);
    }
  });

  it("each apply what they planned, when both are planned before either is applied", async () => {
    await account.workspace.write({ "said_override.tf": said("third") });
    for (const name of NAMES) {
      await select(name);
      await terraform("plan", "-no-color", "-input=false", `-out=${name}.tfplan`);
    }
    for (const name of NAMES) {
      await select(name);
      await terraform("apply", "-no-color", "-input=false", `${name}.tfplan`);
    }

    for (const name of NAMES) await expectSettled(name, "third");
  });

  it("are destroyed apart: the other one stays as it is, and nothing is left after both", async () => {
    const [first = "", second = ""] = NAMES;
    await select(first);
    await account.workspace.destroy();
    await expectSettled(second, "third");
    await account.workspace.destroy();

    expect(contentsOf(account.aws)).toEqual([]);
  });
});
