import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseSettings } from "../../../src/docs/docs-settings.ts";
import { README_SETTINGS, renderReadme } from "../../../src/docs/render-readme.ts";

it("prints the tables between the markers of terraform-docs", async () => {
  const readme = await renderReadme(new Map([["variables.tf", 'variable "a" {\n  type = string\n}\n']]));

  expect(readme).toMatch(/<!-- BEGIN_TF_DOCS -->\n## Requirements\n\nNo requirements\.\n\n/);
  expect(readme).toMatch(/\nNo outputs\.\n<!-- END_TF_DOCS -->\n$/);
});

it("follows the settings that terraform-docs is given at the root of the repository", () => {
  const yaml = readFileSync(new URL("../../../.terraform-docs.yml", import.meta.url), "utf8");

  expect(parseSettings(yaml)).toEqual(README_SETTINGS);
});
