import { expect, it } from "vitest";
import { checkFormat } from "../../lab/terraform/terraform.ts";
import { EXAMPLES_DIR, MODULE_DIR } from "./parse-module.ts";

it("keeps module and examples as terraform fmt writes them", async () => {
  const { stdout, stderr, exitCode } = await checkFormat(MODULE_DIR, EXAMPLES_DIR);

  expect({ stdout, stderr, exitCode }).toEqual({ stdout: "", stderr: "", exitCode: 0 });
});
