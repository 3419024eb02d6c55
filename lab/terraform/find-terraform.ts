import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Terraform is not installed; the message says how to get it. */
export class TerraformMissingError extends Error {
  override readonly name = "TerraformMissingError";

  constructor() {
    super(
      "terraform is not on the PATH: install version 1.9 or later from https://developer.hashicorp.com/terraform/install " +
        "and run this command again",
    );
  }
}

/** The path of the `terraform` binary; throws {@link TerraformMissingError} when the PATH has none. */
export async function findTerraform(path: string = process.env.PATH ?? ""): Promise<string> {
  for (const folder of path.split(delimiter).filter((each) => each !== "")) {
    const binary = join(folder, process.platform === "win32" ? "terraform.exe" : "terraform");
    const found = await access(binary, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return binary;
  }
  throw new TerraformMissingError();
}
