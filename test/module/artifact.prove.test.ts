import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Image } from "../../lab/aws/microvms/image.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const FAILS = 500;
const QUIET_CALL = { ...GOOD_CALL, alarms_without_actions: true };
const calling = (...commands: string[]) => ({ ...QUIET_CALL, setup_commands: commands });
const withoutCapabilities = (...commands: string[]) => ({ ...calling(...commands), additional_os_capabilities: [] });

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount(QUIET_CALL);
});
afterAll(() => account.close());

const onlyImage = (): Image => {
  const [image, ...others] = account.aws.microvms.images.all();
  expect(others).toEqual([]);
  if (image === undefined) throw new Error("there is no image");
  return image;
};
const managed = async (address: string) => {
  const all = await account.workspace.resources();
  return all.find((each) => each.address === `module.gha_runner.${address}`)?.values ?? {};
};

/** Applies what the root module says; answers how it went. */
async function apply(call: Record<string, unknown>, ...args: string[]) {
  await account.setCall(call);
  return account.workspace.run("apply", "-no-color", "-input=false", "-auto-approve", ...args);
}

/**
 * After a good apply: nothing more to change, the artifact in state is what the image was built from, and can be read.
 */
async function expectSettled(): Promise<void> {
  const plan = await account.workspace.plan();
  expect(plan.resource_changes.filter(({ change }) => change.actions.join() !== "no-op")).toEqual([]);
  expect(plan.changes).toBe(false);
  const { bucket, key } = await managed("aws_s3_object.microvm_code");
  expect(onlyImage().versions.at(-1)?.config.codeArtifactUri).toBe(`s3://${bucket}/${key}`);
}

/** The Dockerfile of the artifact that the last build was given. */
function lastDockerfile(): string {
  const artifact = account.guests.started.at(-1)?.artifact;
  if (artifact === undefined) throw new Error("nothing was built");
  return strFromU8(unzipSync(artifact).Dockerfile ?? new Uint8Array());
}

// Each test applies several times.
describe("the artifact of the image", { timeout: 600_000 }, () => {
  it("is built again when a change whose build failed is taken back", async () => {
    expect(await apply(QUIET_CALL)).toMatchObject({ exitCode: 0 });
    account.guests.answers = { validate: FAILS };
    expect(await apply(calling("false"))).toMatchObject({ exitCode: 1 });
    expect(onlyImage().state).toBe("UPDATE_FAILED");

    account.guests.answers = {};
    expect(await apply(QUIET_CALL)).toMatchObject({ exitCode: 0 });

    expect(onlyImage().state).toBe("UPDATED");
    await expectSettled();
  });

  it("is there for the next change, which no policy is written for; the version put out is then the active one", async () => {
    await account.setCall(calling("true"));
    const { resource_changes: changes } = await account.workspace.plan();
    const policy = changes.find(({ address }) => address === "module.gha_runner.aws_iam_role_policy.build");
    expect(policy?.change.actions).toEqual(["no-op"]);
    expect(await apply(calling("true"))).toMatchObject({ exitCode: 0 });

    await expectSettled();
    const outputs = Object((await account.workspace.outputs()).gha_runner?.value);
    expect(outputs.image_version).toBe(onlyImage().versions.at(-1)?.version);
    expect(lastDockerfile()).toContain('"true"]');
  });

  it("is warned of while the last build has failed, and after the mend no more", async () => {
    account.guests.answers = { validate: FAILS };
    await apply(calling("exit 1"));
    const [address, ...more] = await warnings();
    expect(more).toEqual([]);
    expect(address).toMatch(/^Check block assertion (failed|known after apply)$/);

    account.guests.answers = {};
    expect((await apply(calling("exit 0"))).stdout).not.toContain("Check block assertion");
    expect(await warnings()).toEqual([]);
  });

  it("can be built once more as the documentation says, and changed after that", async () => {
    const before = onlyImage().versions.length;
    expect(await apply(calling("exit 0"), "-replace=module.gha_runner.random_id.artifact")).toMatchObject({
      exitCode: 0,
    });
    expect(onlyImage().versions).toHaveLength(before + 1);
    await expectSettled();

    expect(await apply(calling("exit 0", "true"))).toMatchObject({ exitCode: 0 });
    await expectSettled();
  });

  it("is that of its own plan, where another is made in the same folder before the first is applied", async () => {
    for (const name of ["one", "two"]) {
      await account.setCall(calling(`echo ${name}`));
      await account.workspace.run("plan", "-no-color", "-input=false", `-out=${name}.tfplan`);
    }

    expect(await account.workspace.run("apply", "-no-color", "one.tfplan")).toMatchObject({ exitCode: 0 });

    expect(lastDockerfile()).toContain('"echo one"]');
    await account.setCall(calling("echo one"));
    await expectSettled();
  });

  it("can be rolled back to and mended without capabilities", async () => {
    expect(await apply(withoutCapabilities())).toMatchObject({ exitCode: 0 });
    const good = onlyImage().versions.at(-1)?.config;
    account.guests.answers = { validate: [FAILS, 200] };
    expect(await apply(withoutCapabilities("flase"))).toMatchObject({ exitCode: 1 });
    expect(onlyImage()).toMatchObject({ state: "UPDATED" });
    expect(onlyImage().versions.at(-1)?.config).toEqual(good);

    account.guests.answers = {};
    expect(await apply(withoutCapabilities("false"))).toMatchObject({ exitCode: 0 });

    await expectSettled();
  });
});

async function warnings(): Promise<string[]> {
  const { stdout } = await account.workspace.run("plan", "-json", "-input=false");
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => {
      const { diagnostic } = JSON.parse(line) as { diagnostic?: { severity: string; summary: string } };
      return diagnostic?.severity === "warning" ? [diagnostic.summary] : [];
    });
}
