import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedProviders, serveProviders } from "../lab/terraform/serve-providers.ts";
import { createWorkspace } from "../lab/terraform/terraform.ts";
import { APP_KEY } from "./open-module.ts";
import { EXAMPLES_DIR, MODULE_DIR } from "./parse-module.ts";

const examples = readdirSync(EXAMPLES_DIR, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

describe("the examples", () => {
  it("include the documented one", () => {
    expect(examples).toContain("github-app");
  });

  it.each(examples)("validate, plan, apply and then show no changes: %s", async (name) => {
    const root = `examples/${name}`;
    const workspace = await createWorkspace({
      copyOf: { module: MODULE_DIR, [root]: `${EXAMPLES_DIR}/${name}` },
      root,
      files: { "app.pem": APP_KEY },
      env: providers.env,
    });

    await workspace.init();
    await workspace.validate();
    expect(await workspace.diagnose()).toEqual([]);
    await workspace.apply();
    expect((await workspace.plan()).changes).toBe(false);
    await workspace.destroy();
    expect(await workspace.resources()).toEqual([]);

    await workspace.close();
  });
});
