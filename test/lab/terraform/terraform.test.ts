import { describe, expect, it } from "vitest";
import { findTerraform, TerraformMissingError } from "../../../lab/terraform/find-terraform.ts";
import { createWorkspace, TerraformError } from "../../../lab/terraform/terraform.ts";

describe("findTerraform", () => {
  it("says how to get terraform when the PATH has none", async () => {
    const missing = findTerraform("/nonexistent");

    await expect(missing).rejects.toBeInstanceOf(TerraformMissingError);
    await expect(missing).rejects.toThrow("https://developer.hashicorp.com/terraform/install");
  });
});

describe("a workspace", () => {
  it("keeps what terraform printed when a command fails", async () => {
    const workspace = await createWorkspace({ files: { "main.tf": 'output "x" { value = nothing.here }' } });

    const failure: unknown = await workspace.validate().catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(TerraformError);
    expect(String(failure)).toContain("Reference to undeclared resource");
    await workspace.close();
  });

  it("passes variables and gives typed outputs", async () => {
    const files = { "main.tf": 'variable "x" { type = list(string) }\noutput "x" { value = var.x }' };
    const workspace = await createWorkspace({ files, variables: { x: ["a", "b"] } });

    expect((await workspace.plan()).changes).toBe(true);
    await workspace.apply();

    expect((await workspace.outputs()).x).toMatchObject({ sensitive: false, value: ["a", "b"] });
    await workspace.close();
  });
});
