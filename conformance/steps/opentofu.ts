import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { startLab } from "../../lab/lab.ts";
import { serveProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace } from "../../lab/terraform/terraform.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { mustRun } from "../run-program.ts";
import type { Step } from "../step.ts";

/** The same providers, by the addresses that OpenTofu looks for them under. */
function forTofu(env: Readonly<Record<string, string>>): Record<string, string> {
  const reattach = env.TF_REATTACH_PROVIDERS ?? "";
  return { ...env, TF_REATTACH_PROVIDERS: reattach.replaceAll("registry.terraform.io", "registry.opentofu.org") };
}

async function testModule(tofu: string): Promise<string> {
  const providers = await serveProviders();
  const workspace = await createWorkspace({ copyOf: join(PROJECT_ROOT, "module") });
  try {
    const options = { cwd: workspace.dir, env: forTofu(providers.env) };
    await mustRun(tofu, ["init", "-no-color"], options);
    const said = await mustRun(tofu, ["test", "-no-color"], options);
    const [whole, passed] = /^Success! (\d+) passed, 0 failed\.$/m.exec(said) ?? [];
    if (whole === undefined) throw new Error(`tofu test says ${said.slice(-500)}`);
    return `tofu test: ${passed} passed`;
  } finally {
    await workspace.close();
    await providers.close();
  }
}

/** Apply, a second plan, a change in place, and destroy, in the lab's account. */
async function applyExample(tofu: string): Promise<string> {
  const lab = await startLab();
  try {
    const options = { cwd: lab.terraform.dir, env: forTofu(lab.providerEnv) };
    const run = (...args: string[]) => mustRun(tofu, args, options);
    await run("init", "-no-color");
    await run("apply", "-no-color", "-auto-approve");
    // A plan with changes ends in 2, which is no success.
    await run("plan", "-no-color", "-detailed-exitcode");
    const resources = (await run("state", "list")).trim().split("\n").length;
    await appendFile(
      join(lab.terraform.dir, "change_override.tf"),
      'module "gha_runner" {\n  log_retention_days = 7\n}\n',
    );
    await run("apply", "-no-color", "-auto-approve");
    await run("destroy", "-no-color", "-auto-approve");
    const left = (await run("state", "list")).trim();
    if (left !== "") throw new Error(`destroy left ${left}`);
    return `${resources} resources and data sources applied, changed and destroyed`;
  } finally {
    await lab.stop();
  }
}

export const opentofu: Step = {
  name: "opentofu",
  shows: "OpenTofu applies, changes and destroys the example, and passes the module's own tests",
  tools: ["tofu"],
  async run({ tool }) {
    const tofu = join(tool("tofu").folder, "tofu");
    return { shown: [await testModule(tofu), await applyExample(tofu)], findings: [] };
  },
};
