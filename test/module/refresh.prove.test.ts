import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../lab/aws/iam/role-store.ts";
import { microvmErrors } from "../../lab/aws/microvms/errors.ts";
import type { Image } from "../../lab/aws/microvms/image.ts";
import { memoryGuests } from "../lab/aws/support/memory-guests.ts";
import { PRIVILEGE_EXCEPTIONS } from "../security/privilege-exceptions.ts";
import { reportPrivileges } from "../security/privileges.ts";
import { eventually } from "../support/eventually.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const FUNCTION = "gha-microvm-refresh";

/** The two forms of the image: a resource of awscc, and a CloudFormation stack. */
const VARIANTS = [
  ["that awscc made", ["ALL"]],
  ["that a stack made", []],
] as const;

describe.each(VARIANTS)("an image %s", (_, capabilities) => {
  const guests = memoryGuests();
  let account: ModuleInAccount;
  const call = (more: Record<string, unknown> = {}) => ({
    ...GOOD_CALL,
    additional_os_capabilities: capabilities,
    runner_memory_mib: 512,
    ...more,
  });
  const image = (): Image => {
    const [only] = account.aws.microvms.images.all();
    if (only === undefined) throw new Error("there is no image");
    return only;
  };
  const invoke = async (event: unknown = {}) => {
    const result = await account.aws.functions.invoke(FUNCTION, event);
    if (!("payload" in result)) throw new Error(`the function failed: ${JSON.stringify(result)}`);
    return JSON.parse(result.payload) as { outcome: string; rule?: string; imageVersion?: string };
  };
  const refreshRole = (): Role => {
    const role = account.aws.iam.roles.all().find(({ name }) => name.endsWith("-refresh"));
    if (role === undefined) throw new Error("there is no role");
    return role;
  };
  /** What the role may and does not use, and what it may not and tries, since a decision. */
  const findingsOf = (role: Role, began: number) => {
    const { iam } = account.aws;
    const only = { roles: { ...iam.roles, all: () => [role] }, decisions: () => iam.decisions().slice(began) };
    const { findings } = reportPrivileges(only, PRIVILEGE_EXCEPTIONS);
    // Most exceptions are of other roles.
    return findings.filter(({ kind }) => kind !== "exception without a grant");
  };
  const settled = () => eventually(() => expect(image().state).toMatch(/^(?:CREATED|UPDATED|UPDATE_FAILED)$/));

  beforeAll(async () => {
    account = await openInAccount(call(), guests);
    await account.workspace.apply();
  }, 180_000);
  afterAll(() => account?.close());

  it("is built again as it was but for its build context, and the plan stays empty", async () => {
    const [before] = image().versions;
    expect(await invoke({ rebuild: true })).toEqual({ outcome: "build", rule: "age", imageVersion: "2.0" });
    await settled();
    const rebuilt = image().versions.at(-1);
    expect(rebuilt).toMatchObject({ version: "2.0", state: "SUCCESSFUL", status: "ACTIVE" });
    const { codeArtifactUri, ...config } = rebuilt?.config ?? {};
    const { codeArtifactUri: first, ...was } = before?.config ?? {};
    expect(config).toEqual(was);
    expect([codeArtifactUri, first]).toEqual([
      expect.stringMatching(/\/microvm\/refreshed\/[0-9a-f]{64}\.zip$/),
      expect.stringMatching(/\/microvm\/[0-9a-f]{64}-[0-9a-f]{8}\.zip$/),
    ]);
    expect(await invoke()).toEqual({ outcome: "rest" });
    const { resource_changes: changes } = await account.workspace.plan();
    expect(changes.filter(({ change }) => !["no-op", "read"].includes(change.actions.join()))).toEqual([]);
  }, 120_000);

  it("takes an apply's change after a build, and goes on from that", async () => {
    await account.setCall(call({ runner_memory_mib: 1_024 }));
    // In place of the plan that was empty, which would be applied.
    await account.workspace.plan();
    await account.workspace.apply();
    expect(image().versions.at(-1)?.config.memoryMib).toBe(1_024);
    expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "build" });
    await settled();
    expect(image().versions.at(-1)).toMatchObject({ state: "SUCCESSFUL", config: { memoryMib: 1_024 } });
  }, 180_000);

  it("is healed when a build fails, also without the object that Terraform uploaded", async () => {
    expect(await invoke()).toEqual({ outcome: "rest" });
    guests.answers.validate = 500;
    expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "build" });
    await settled();
    expect(image().state).toBe("UPDATE_FAILED");
    delete guests.answers.validate;
    expect(await invoke()).toMatchObject({ outcome: "build", rule: "heal" });
    await settled();
    expect(image().state).toBe("UPDATED");
    expect(account.aws.functions.output(FUNCTION).join("\n")).toMatch(/refresh\.build_failed.*[Vv]alidate/);
  }, 120_000);

  it("makes an apply that meets a build fail, which loses nothing and is repeated as USAGE says", async () => {
    guests.answers.validate = 503;
    expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "build" });
    const building = image().versions.at(-1);
    await account.setCall(call({ runner_memory_mib: 2_048 }));
    const refused = account.workspace.apply();
    await expect(refused).rejects.toThrow(/exit code 1\b/);
    await expect(refused).rejects.toThrow(/is in state UPDATING/);
    if (capabilities.length === 0) {
      await expect(refused).rejects.toThrow(/UPDATE_ROLLBACK_FAILED/);
      await expect(account.aws.stacks.continueRollback("gha-microvm-runner")).rejects.toThrow(/is in state UPDATING/);
    }
    delete guests.answers.validate;
    await settled();
    expect(building).toMatchObject({ state: "SUCCESSFUL", status: "ACTIVE", config: { memoryMib: 1_024 } });
    if (capabilities.length === 0) {
      await expect(account.workspace.apply()).rejects.toThrow(/UPDATE_ROLLBACK_FAILED/);
      await account.aws.stacks.continueRollback("gha-microvm-runner");
    }
    await account.workspace.apply();
    expect(image().versions.at(-1)).toMatchObject({ state: "SUCCESSFUL", config: { memoryMib: 2_048 } });
    expect(await invoke()).toEqual({ outcome: "rest" });
  }, 180_000);

  it.each([
    ["a conflict", microvmErrors.conflict("MicroVM image is in state UPDATING", "gha", "microvm-image")],
    ["a wrong input", microvmErrors.validation("Cannot update MicroVM Image in its current state")],
  ])(
    "is built at the next run when the service calls it busy as %s",
    async (_how, fail) => {
      const before = image().versions.length;
      account.aws.gateway.onCall({ operation: "UpdateMicrovmImage", times: 1 }, () => ({ fail }));
      expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "put-off" });
      expect(image().versions).toHaveLength(before);
      expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "build" });
      await settled();
      expect(await invoke()).toEqual({ outcome: "rest" });
    },
    60_000,
  );

  it("is not built while github.com cannot be reached, and is once it can", async () => {
    const config = account.aws.functions.get(FUNCTION);
    if (config === undefined) throw new Error("there is no function");
    const before = image().versions.length;
    await account.aws.functions.put({ ...config, environment: { ...config.environment, LAB_GITHUB_COM: "down" } });
    expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "unreachable", rule: "age" });
    expect(image()).toMatchObject({ state: "UPDATED", versions: { length: before } });
    await account.aws.functions.put(config);
    expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "build" });
    await settled();
    expect(await invoke()).toEqual({ outcome: "rest" });
  }, 60_000);

  it("is only watched with a pin, by a role that cannot change it", async () => {
    await account.setCall(call({ runner_memory_mib: 1_024, image_version: "2.0" }));
    await account.workspace.apply();
    const before = image().versions.length;
    const began = account.aws.iam.decisions().length;
    expect(await invoke({ rebuild: true })).toMatchObject({ outcome: "due", rule: "age" });
    expect(image().versions).toHaveLength(before);
    const role = refreshRole();
    const policy = JSON.stringify([...role.policies]);
    expect(policy).not.toMatch(/UpdateMicrovmImage|PassRole|PassNetworkConnector|PutObject/);
    expect(findingsOf(role, began)).toEqual([]);
  }, 180_000);

  it("leaves nothing behind when it is destroyed", async () => {
    await account.workspace.destroy();
    expect(account.aws.leftovers()).toMatchObject({});
    expect(account.aws.microvms.images.all()).toEqual([]);
  }, 180_000);
});
