import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTerraform } from "../../smoke/account/run-terraform.ts";
import { eventually } from "../support/eventually.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "smoke-terraform-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A program that stands in for Terraform. */
async function program(...lines: string[]): Promise<string> {
  const file = join(folder, `terraform-${Math.random()}`);
  await writeFile(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(file, 0o755);
  return file;
}

const ACCESS = { region: "eu-west-1", credentials: { accessKeyId: "role", secretAccessKey: "b", sessionToken: "c" } };
const runOf = (tool: string, signal = new AbortController().signal) => ({
  ...{ tool, folder, signal, as: ACCESS },
  environment: { PATH: process.env.PATH, AWS_PROFILE: "me", AWS_ACCESS_KEY_ID: "me", GITHUB_TOKEN: "mine" },
});

it("runs Terraform with the role's credentials alone, and answers what it says", async () => {
  const tool = await program(
    'echo "$1 $AWS_ACCESS_KEY_ID $AWS_REGION [$AWS_PROFILE$GITHUB_TOKEN]"',
    "echo no >&2",
    "exit 3",
  );
  expect(await runTerraform(["plan"], runOf(tool))).toEqual({
    exitCode: 3,
    stdout: "plan role eu-west-1 []\n",
    stderr: "no\n",
  });
});

it("lets Terraform end what it is at after Ctrl-C", async () => {
  const interruption = new AbortController();
  const tool = await program("trap 'echo ended; exit 1' INT", "echo begun", "while :; do sleep 0.05; done");
  const ran = runTerraform([], runOf(tool, interruption.signal));
  await eventually(async () => expect(await readFile(join(folder, "terraform.out"), "utf8")).toContain("begun"));
  interruption.abort();
  expect(await ran).toMatchObject({ exitCode: 1, stdout: "begun\nended\n" });
});

it("names what it cannot run", async () => {
  await expect(runTerraform([], runOf("no-such-terraform"))).rejects.toThrow("ENOENT");
});
