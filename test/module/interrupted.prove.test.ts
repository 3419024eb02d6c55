import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Applying, applyingAs, isRead } from "../../lab/aws/applying/applying.ts";
import { contentsOf } from "../../lab/aws/contents.ts";
import { eventually } from "../support/eventually.ts";
import { type ModuleInAccount, openInAccount } from "./open-in-account.ts";
import { GOOD_CALL } from "./open-module.ts";

const ALL = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
const IMAGE = "module.gha_runner.awscc_lambda_microvm_image.runner[0]";
/**
 * What the documentation has people untaint: their names are fixed, and the image has the new one made before the old
 * one goes.
 */
const UNTAINTED = /\.(aws_iam_role\.build|aws_s3_bucket\.artifacts|aws_cloudwatch_log_group\.runner)$/;

let account: ModuleInAccount;
let applying: Applying;
beforeEach(async () => {
  account = await openInAccount(GOOD_CALL, undefined, (aws) => {
    applying = applyingAs(aws, ALL);
    return applying;
  });
});
afterEach(() => account.close());

const APPLY = ["apply", "-no-color", "-input=false", "-auto-approve"];
const terraform = (...args: string[]) => account.workspace.run(...args);

/**
 * Two more applies at most, as the documentation says; then there is nothing to change, and a destroy leaves nothing.
 */
async function expectGoesOn(...args: string[]): Promise<void> {
  const applied = await terraform(...APPLY, ...args);
  expect(applied, applied.stderr).toMatchObject({ exitCode: 0 });
  await terraform(...APPLY);
  expect((await account.workspace.plan()).changes).toBe(false);
  await account.workspace.destroy();
  account.aws.iam.roles.delete("person-applying");
  expect(contentsOf(account.aws)).toEqual([]);
}

describe("a first apply", { timeout: 600_000 }, () => {
  it.each(["aws_iam_role", "aws_s3_bucket", "awscc_lambda_microvm_image", "aws_lambda_function"])(
    "whose credentials expire when %s is just made is gone on with, once they are renewed",
    async (type) => {
      applying.expireWith((access) => access.step === `create ${type}` && isRead(access));
      const stopped = await terraform(...APPLY);
      expect(stopped.exitCode).toBe(1);
      expect(stopped.stderr).toContain(`create ${type}: ExpiredToken`);
      applying.renew();

      const tainted = (await account.workspace.resources())
        .filter((each) => each.tainted)
        .map(({ address }) => address);
      expect(tainted.map((address) => address.split(".")[2])).toContain(type);
      for (const address of tainted.filter((each) => UNTAINTED.test(each))) {
        expect(await terraform("untaint", "-no-color", address)).toMatchObject({ exitCode: 0 });
      }
      await expectGoesOn(...(tainted.includes(IMAGE) ? ["-replace=module.gha_runner.random_id.image"] : []));
    },
  );

  it.each([
    ["with capabilities", ["ALL"]],
    ["without", []],
  ])("whose build fails is mended with another name of the image: %s", async (_what, capabilities) => {
    await account.setCall({ ...GOOD_CALL, additional_os_capabilities: capabilities });
    account.guests.answers = { validate: 500 };
    expect((await terraform(...APPLY)).stderr).toContain("NotStabilized");

    account.guests.answers = {};
    const again = await terraform(...APPLY);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain("null already exists.");
    await expectGoesOn("-replace=module.gha_runner.random_id.image");
  });

  it("is alone: another is refused meanwhile; and where it is killed, what it was making can be imported", async () => {
    account.guests.answers = { ready: "refuse" };
    // With what it depends on alone nothing else is being made while the image is built.
    const first = await account.workspace.start(...APPLY, `-target=${IMAGE}`);
    const ended = first.ended.catch((error: Error) => error.message);
    await eventually(() => expect(account.guests.calls.map(({ name }) => name)).toContain("ready"));

    const second = await terraform(...APPLY);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain("Error acquiring the state lock");

    first.kill();
    expect(await ended).toContain("SIGKILL");
    account.guests.answers = {};
    const [image] = account.aws.microvms.images.all();
    await eventually(() => expect(image?.state).toBe("CREATED"));
    const refused = await terraform(...APPLY);
    expect(refused.stderr).toContain("null already exists.");

    const imported = await terraform("import", "-no-color", "-input=false", IMAGE, image?.arn ?? "");
    expect(imported, imported.stderr).toMatchObject({ exitCode: 0 });
    await expectGoesOn();
  });
});
