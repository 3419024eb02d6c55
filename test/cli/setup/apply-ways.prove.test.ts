import { afterEach, describe, expect, it } from "vitest";
import { type Applied, applyConfiguration, runOneJob } from "./apply-configuration.ts";
import { setUp } from "./set-up.ts";
import { keyPolicy, type SetupLab, startSetupLab } from "./setup-lab.ts";
import { WAYS } from "./ways.ts";

let lab: SetupLab;
let applied: Applied | undefined;
afterEach(async () => {
  await applied?.close();
  applied = undefined;
  lab.github.assertFaithful();
  await lab.stop();
});

/** The rest of what whoever applies may do: looking at everything. */
function mayLook(): void {
  const statement = { Effect: "Allow", Action: "*", Resource: "*" };
  lab.aws.iam.roles.get("person-setup")?.policies.set("all", { Version: "2012-10-17", Statement: [statement] });
}

describe("the main.tf of set-up is applied, its second plan is empty and a job runs", () => {
  it.each(WAYS)("for $name", async ({ github, owner, repository, args }) => {
    lab = await startSetupLab(github, keyPolicy(args));
    const { main, terminal } = await setUp(lab, args, owner === undefined ? {} : { owner });
    expect(main, terminal.text()).not.toBe("");
    applied = await applyConfiguration(lab, { "main.tf": main });
    expect(await applied.kept()).not.toContain("PRIVATE KEY");
    mayLook();
    const last = lab.run(["--yes"]);
    expect(await last.code, last.terminal.text() + last.said()).toBe(0);
    expect(last.terminal.text()).toContain("runs-on: [self-hosted");
    await runOneJob(lab, repository);
  });
});
