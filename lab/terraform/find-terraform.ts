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

/** Terraform is there and too old; the message says what is needed. */
export class TerraformTooOldError extends Error {
  override readonly name = "TerraformTooOldError";

  constructor(version: string) {
    super(
      `terraform ${version} is on the PATH, and 1.9 or later is needed: https://developer.hashicorp.com/terraform/install`,
    );
  }
}

/** Throws {@link TerraformTooOldError} for a version, such as `1.11.4`, that the module does not take. */
export function requireVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 1 || (major === 1 && minor < 9)) throw new TerraformTooOldError(version);
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
