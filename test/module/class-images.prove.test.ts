import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const FAILS = 500;
const CONNECTOR = "arn:aws:lambda:eu-west-1:123456789012:network-connector:runners";
const NET = { egress_network_connector_arn: CONNECTOR };
const LARGE = { runner_memory_mib: 8192 };
const FUNCTIONS = ["dispatcher", "prune", "redeliver", "refresh", "webhook"];

let account: ModuleInAccount;
beforeAll(async () => {
  account = await openInAccount({ ...GOOD_CALL });
  await account.workspace.apply();
});
afterAll(() => account?.close());

const imagesNow = () =>
  Object.fromEntries(account.aws.microvms.images.all().map(({ name, versions }) => [name, versions.length]));
const parameters = async () => {
  const made = (await account.workspace.resources()).filter(({ type }) => type === "aws_lambda_function");
  return made.map(({ values }: { values: Record<string, unknown> }) => {
    const { environment } = values;
    return Array.isArray(environment) ? String(environment[0].variables.CLASSES_PARAM ?? "") : "";
  });
};

/** What a plan of these classes changes, as `action address`. */
async function planOf(runner_classes: object): Promise<string[]> {
  await account.setCall({ ...GOOD_CALL, runner_classes });
  const { resource_changes: changes } = await account.workspace.plan();
  return changes
    .filter(({ change }) => !["no-op", "read"].includes(change.actions.join()))
    .map(({ address, change }) => `${change.actions.join()} ${address.replace("module.gha_runner.", "")}`);
}

async function apply(runner_classes: object, ...args: string[]) {
  await account.setCall({ ...GOOD_CALL, runner_classes });
  return account.workspace.run("apply", "-no-color", "-input=false", "-auto-approve", ...args);
}

const isInPlace = (line: string) => /^update aws_(?:lambda_function|iam_role_policy)\.\w+$/.test(line);

describe("classes that are added and taken away", () => {
  it("only create, and every policy is applied before a class stands in a function's configuration", async () => {
    const before = imagesNow();
    const planned = await planOf({ large: LARGE, net: NET, slow: { max_duration_seconds: 28_800 } });
    expect(planned.filter((line) => !line.startsWith("create ") && !isInPlace(line))).toEqual([]);
    expect(planned).toContain("update aws_iam_role_policy.dispatcher");

    const applied = await apply({ large: LARGE, net: NET, slow: { max_duration_seconds: 28_800 } });

    expect(applied, applied.stderr).toMatchObject({ exitCode: 0 });
    const lineOf = (resource: string, what: string) => applied.stdout.indexOf(`module.gha_runner.${resource}: ${what}`);
    for (const name of FUNCTIONS) {
      const changed = lineOf(`aws_lambda_function.${name}`, "Modifying...");
      const allowed = lineOf(`aws_iam_role_policy.${name}`, "Modifications complete");
      expect(changed, name).toBeGreaterThan(0);
      expect(allowed, name).toBeGreaterThan(0);
      expect(allowed, name).toBeLessThan(changed);
    }
    const [own, ...more] = Object.keys(imagesNow()).filter((name) => !(name in before));
    expect(own).toMatch(/-runner-large-[0-9a-f]{8}$/);
    expect(more).toEqual([]);
    expect(imagesNow()).toMatchObject(before);
    expect(await account.workspace.hasChanges()).toBe(false);
  });

  it("change the image of the class alone whose size is another", async () => {
    const before = imagesNow();
    const planned = await planOf({
      large: { runner_memory_mib: 4096 },
      net: NET,
      slow: { max_duration_seconds: 28_800 },
    });
    expect(planned).toEqual(['update awscc_lambda_microvm_image.class["large"]']);
    await account.workspace.apply();
    const changed = Object.entries(imagesNow()).filter(([name, count]) => before[name] !== count);
    expect(changed).toEqual([[expect.stringContaining("-large-"), 2]]);
  });

  it("leave, when their first build fails, the functions what they had, and are made under another name", async () => {
    const before = await parameters();
    expect(new Set(before).size).toBe(1);
    account.guests.answers = { validate: FAILS };
    const all = { large: { runner_memory_mib: 4096 }, net: NET, broken: { runner_memory_mib: 512 } };

    expect(await apply(all)).toMatchObject({ exitCode: 1 });
    expect(await parameters()).toEqual(before);

    account.guests.answers = {};
    const mended = await apply(all, '-replace=module.gha_runner.random_id.class["broken"]');
    expect(mended, mended.stderr).toMatchObject({ exitCode: 0 });
    expect(new Set(await parameters()).size).toBe(1);
    expect(await parameters()).not.toEqual(before);
    expect(await account.workspace.hasChanges()).toBe(false);
  });

  it("take with them what was theirs alone", async () => {
    const planned = await planOf({ net: NET, broken: { runner_memory_mib: 512 } });
    const others = planned.filter((line) => !/^delete [\w.]+\["large"\]$/.test(line) && !isInPlace(line));
    expect(others).toEqual([expect.stringMatching(/^update aws_ssm_parameter\.classes\[0\]$/)]);
    await account.workspace.apply();
    expect(Object.keys(imagesNow()).filter((name) => name.includes("-large-"))).toEqual([]);
    expect(await account.workspace.hasChanges()).toBe(false);
  });
});
