import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docs-"));
  writeFileSync(
    join(folder, "main.tf"),
    'variable "b" {}\nvariable "a" {\n  default = 1\n}\nresource "aws_x" "y" {}\n',
  );
  writeFileSync(join(folder, ".terraform-docs.yml"), "sort:\n  by: required\n");
  writeFileSync(
    join(folder, ".terraform.lock.hcl"),
    'provider "registry.terraform.io/hashicorp/aws" {\n  version = "6.1.0"\n}\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function render(...args: string[]) {
  const tsx = join(PROJECT_ROOT, "node_modules/tsx/dist/cli.mjs");
  return spawnSync(process.execPath, [tsx, join(PROJECT_ROOT, "src/docs/render.ts"), ...args], { encoding: "utf8" });
}

describe("the command that prints the tables of a directory", () => {
  it("follows the settings and the lock file that it finds there", () => {
    const { status, stdout } = render(folder);

    expect(status).toBe(0);
    expect(stdout).toMatch(/name="input_b"[\s\S]*name="input_a"/);
    expect(stdout).toContain("[aws](#provider\\_aws) | 6.1.0 |");
  });

  it("puts what it is told above the settings", () => {
    const { stdout } = render(folder, "--sort-by", "name", "--lockfile", "false");

    expect(stdout).toMatch(/name="input_a"[\s\S]*name="input_b"/);
    expect(stdout).toContain("[aws](#provider\\_aws) | n/a |");
  });

  it.each([
    [[], "Usage:"],
    [["missing"], "holds no .tf file"],
    [[".", "--sort-by", "size"], "--sort-by must be"],
  ])("says what is wrong with %j", (args, problem) => {
    const { status, stderr, stdout } = render(...args);

    expect(status).toBe(1);
    expect(stderr).toContain(problem);
    expect(stdout).toBe("");
  });
});
