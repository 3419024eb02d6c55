import { afterAll, beforeAll, expect, it } from "vitest";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Run, type Workspace } from "../../lab/terraform/terraform.ts";
import { MODULE_DIR, parseModule } from "./parse-module.ts";

let providers: ServedProviders;
let workspace: Workspace;
let run: Run;
beforeAll(async () => {
  providers = await serveProviders();
  workspace = await createWorkspace({ copyOf: MODULE_DIR, env: providers.env });
  await workspace.init();
  run = await workspace.test();
});
afterAll(async () => {
  await workspace.close();
  await providers.close();
});

it("passes the module's own tests with every provider mocked", () => {
  const { exitCode, stdout, stderr } = run;

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^Success! \d+ passed, 0 failed\.$/m);
  expect(providers.calls).toEqual([]);
});

it("has one of them for each variable that is validated", async () => {
  const { variables } = await parseModule(MODULE_DIR);
  const validated = Object.entries(variables)
    .filter(([, { validation }]) => validation !== undefined)
    .map(([name]) => name);
  const refused = run.stdout.slice(run.stdout.indexOf("validation.tftest.hcl"), run.stdout.indexOf("webhooks.tftest"));
  const passed = [...refused.matchAll(/^ *run "(\w+)"\.\.\. pass$/gm)].map(([, name]) => name);

  expect(passed.sort()).toEqual(validated.sort());
});

it("fails them when the module does something else", async () => {
  await workspace.write({ "broken_override.tf": 'output "image_version" {\n  value = "0.0"\n}\n' });
  const { exitCode, stderr } = await workspace.test("-filter=tests/defaults.tftest.hcl");

  expect(exitCode).toBe(1);
  expect(stderr).toContain("The outputs must tell of the image and its bucket.");
});
