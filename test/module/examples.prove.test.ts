import { afterAll, beforeAll, expect, it } from "vitest";
import { EXAMPLES } from "../../lab/example-variables.ts";
import { runScript } from "../../lab/terraform/run-script.ts";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import { unexpected } from "../support/unexpected.ts";
import { commandsOf, openExample } from "./open-example.ts";

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

it.each(EXAMPLES)(
  "the commands of its README apply an example, with nothing said against it, and then show no changes: %s",
  async (name) => {
    const workspace = await openExample(name, providers);
    const commands = commandsOf(name);

    expect(commands).toMatch(/^terraform init\nterraform apply /);
    await runScript(commands, workspace.dir, providers.env);
    // Changes are exit code 2 then, which throws.
    expect(unexpected(await workspace.diagnose("-detailed-exitcode"))).toEqual([]);
    await workspace.close();
  },
);
