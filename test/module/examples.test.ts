import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXAMPLES } from "../../lab/example-variables.ts";
import { type ServedProviders, serveProviders } from "../../lab/terraform/serve-providers.ts";
import { shellCommands } from "../docs/shell-commands.ts";
import { unexpected } from "../support/unexpected.ts";
import { commandsOf, openExample } from "./open-example.ts";
import { EXAMPLES_DIR, parseModule } from "./parse-module.ts";

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

  it.each(EXAMPLES)("are planned as their README applies them, with nothing said against them: %s", async (name) => {
    const workspace = await openExample(name, providers);
    const [init, apply = []] = shellCommands(commandsOf(name));

    expect(init).toEqual(["terraform", "init"]);
    expect(apply.slice(0, 2)).toEqual(["terraform", "apply"]);
    await workspace.init();
    expect(unexpected(await workspace.diagnose(...apply.slice(2)))).toEqual([]);
    await workspace.close();
  });
});
