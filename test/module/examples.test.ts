import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXAMPLE_VARIABLES, EXAMPLES } from "../../lab/example-variables.ts";
import { runScript } from "../../lab/terraform/run-script.ts";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace } from "../../lab/terraform/terraform.ts";
import { fencedBlocks } from "../docs/markdown.ts";
import { unexpected } from "../support/unexpected.ts";
import { APP_KEY } from "./open-module.ts";
import { EXAMPLES_DIR, MODULE_DIR, parseModule } from "./parse-module.ts";

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

describe("the examples", () => {
  it("include the documented one", () => {
    expect(EXAMPLES).toContain("github-app");
  });

  it.each(EXAMPLES)("take the module from beside them, and document inputs and outputs: %s", async (name) => {
    const { variables, outputs, text } = await parseModule(`${EXAMPLES_DIR}/${name}`);
    const readme = readFileSync(`${EXAMPLES_DIR}/${name}/README.md`, "utf8");
    const rows = (header: string) => {
      const table = new RegExp(`^\\| ${header} \\|.*\\n\\|.*\\n((?:\\|.*\\n)*)`, "m").exec(readme)?.[1] ?? "";
      return [...table.matchAll(/^\| `([a-z_]+)` \|.*\| (?:`(.*)`|required) \|$|^\| `([a-z_]+)` \|/gm)];
    };
    const documented = Object.fromEntries(rows("Variable").map(([, variable, value]) => [variable, value]));
    const shown = (value: unknown) =>
      value === undefined || typeof value === "string" ? value : JSON.stringify(value).replaceAll(",", ", ");

    // The release writes another source in this line's place.
    expect(text.match(/^ *source += "\..*$/gm)).toEqual(['  source = "../../module"']);
    const defaults = Object.entries(variables).map(([variable, each]) => [variable, shown(each.default)]);
    expect(documented).toStrictEqual(Object.fromEntries(defaults));
    expect(rows("Output").map(([, , , output]) => output)).toEqual(Object.keys(outputs).sort());
    for (const each of [...Object.values(variables), ...Object.values(outputs)]) {
      expect(each.description).toMatch(/\w.*\.$/);
    }
  });

  it.each(EXAMPLES)(
    "are applied by the commands of their README, with nothing said against them, and then show no changes: %s",
    async (name) => {
      const root = `examples/${name}`;
      const workspace = await createWorkspace({
        copyOf: { module: MODULE_DIR, [root]: `${EXAMPLES_DIR}/${name}` },
        root,
        files: { "app.pem": APP_KEY },
        variables: EXAMPLE_VARIABLES[name] ?? {},
        env: providers.env,
      });

      const [commands = ""] = fencedBlocks(readFileSync(`${EXAMPLES_DIR}/${name}/README.md`, "utf8"), "sh");
      expect(commands).toMatch(/^terraform init\nterraform apply /);
      await runScript(commands, workspace.dir, providers.env);
      // Changes are exit code 2 then, which throws.
      expect(unexpected(await workspace.diagnose("-detailed-exitcode"))).toEqual([]);
      await workspace.close();
    },
  );
});
