import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyConfiguration, runOneJob } from "./apply-configuration.ts";
import { type SetupLab, startSetupLab } from "./setup-lab.ts";

let lab: SetupLab;
beforeEach(async () => {
  lab = await startSetupLab();
});
afterEach(async () => {
  lab.github.assertFaithful();
  await lab.stop();
});

describe("set-up from nothing", () => {
  it("makes the App, keeps its key in the account alone, and writes main.tf", async () => {
    const run = lab.run([], { answers: [[/Organization, or user/, "my-org"]] });
    const browser = await run.browser;
    await browser.press();
    await browser.press();
    await browser.until("Install in my-org");
    await browser.follow("Install in my-org");
    await browser.press();
    await browser.open(new URL("/", (await run.page).toString()).toString());
    await browser.until("This tab can be closed");

    expect(await run.code).toBe(3);
    const made = lab.github.apps().find(({ slug }) => slug === "gha-microvm-my-org");
    expect(made?.permissions).toEqual({
      actions: "read",
      administration: "write",
      metadata: "read",
      organization_hooks: "write",
    });
    expect(lab.aws.parameters.get("/gha-microvm/github-app-key")).toMatchObject({
      type: "SecureString",
      value: made?.privateKey,
    });
    const main = await lab.file("main.tf");
    expect(main).toContain('ephemeral "aws_ssm_parameter" "github_app_key"');
    expect(main).toContain(`app_id          = "${made?.id}"`);
    for (const text of [main, run.terminal.text(), run.said(), JSON.stringify(browser)]) {
      expect(text).not.toContain("PRIVATE KEY");
    }
    const applied = await applyConfiguration(lab, { "main.tf": main });
    expect(await applied.kept()).not.toContain("PRIVATE KEY");
    await runOneJob(lab);
    await applied.close();
    expect(browser.clicks).toBe(4);
    expect(run.terminal.typed()).toBe(1);
  });
});
