import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";
import { TERRAFORM_DOCS_VERSION } from "../../../src/docs/print-tables.ts";
import { renderReadme } from "../../../src/docs/render-readme.ts";
import { INPUT_SECTIONS } from "../../../src/interface/inputs.ts";
import { OUTPUT_SECTIONS } from "../../../src/interface/outputs.ts";
import { buildModule } from "../../../src/module/build-module.ts";

const readme = await renderReadme([...buildModule().values()].flatMap(({ body }) => body));

/** The release of terraform-docs on this machine, such as `0.24.0`. */
function installedVersion(): string | undefined {
  const { stdout } = spawnSync("terraform-docs", ["--version"], { encoding: "utf8" });
  return /version v?(\d+\.\d+\.\d+)/.exec(stdout ?? "")?.[1];
}

it("prints the tables between the markers of terraform-docs", () => {
  expect(readme).toMatch(/<!-- BEGIN_TF_DOCS -->\n## Requirements\n\n/);
  expect(readme).toMatch(/\n\| <a name="output_webhook_secret">.*\n<!-- END_TF_DOCS -->\n$/);
});

it("has a row for each input and output, and is what is committed", async () => {
  const rowsOf = (kind: "input" | "output") =>
    [...readme.matchAll(new RegExp(`^\\| <a name="${kind}_(\\w+)">`, "gm"))].map(([, name]) => name);
  expect(rowsOf("input").toSorted()).toEqual(
    INPUT_SECTIONS.flatMap(({ entries }) => entries.map(({ name }) => name)).toSorted(),
  );
  expect(rowsOf("output").toSorted()).toEqual(
    OUTPUT_SECTIONS.flatMap(({ entries }) => entries.map(({ name }) => name)).toSorted(),
  );
  expect(await readFile(join(PROJECT_ROOT, "module/README.md"), "utf8")).toBe(readme);
});

it("prints what terraform-docs prints, where the release that it follows is installed", async ({ annotate }) => {
  const installed = installedVersion();
  if (installed !== TERRAFORM_DOCS_VERSION) {
    await annotate(
      `terraform-docs ${installed ?? "is not installed"}: not compared, which takes ${TERRAFORM_DOCS_VERSION}`,
    );
    expect(installed).not.toBe(TERRAFORM_DOCS_VERSION);
    return;
  }
  const args = ["--config", join(PROJECT_ROOT, ".terraform-docs.yml"), "--output-file", "", "module"];
  const { stdout, stderr } = spawnSync("terraform-docs", args, { cwd: PROJECT_ROOT, encoding: "utf8" });

  expect(stderr).toBe("");
  const [, tables = ""] = /<!-- BEGIN_TF_DOCS -->\n([\s\S]*)\n<!-- END_TF_DOCS -->/.exec(readme) ?? [];
  expect(stdout.trimEnd()).toBe(tables);
});
