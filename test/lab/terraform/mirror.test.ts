import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectSuccess, runTerraform } from "../../../lab/terraform/run-terraform.ts";
import { REQUIRED_PROVIDERS } from "../../../src/interface/versions.ts";

let folder: string;
let platform: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lab-mirror-"));
  platform = JSON.parse(expectSuccess(await runTerraform(["version", "-json"])).stdout).platform;
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * A mirror that offers these versions of a provider, and a root module that asks for one of them: real version
 * selection.
 */
async function init(name: string, constraint: string, versions: readonly string[]) {
  const root = mkdtempSync(join(folder, "root-"));
  const [, type = ""] = name.split("/");
  const offered = join(root, "mirror/registry.terraform.io", name);
  mkdirSync(offered, { recursive: true });
  for (const version of versions) {
    const zip = zipSync({ [`terraform-provider-${type}_v${version}`]: new TextEncoder().encode("no program") });
    writeFileSync(join(offered, `terraform-provider-${type}_${version}_${platform}.zip`), zip);
  }
  writeFileSync(
    join(root, "main.tf"),
    `terraform {\n  required_providers {\n    it = {\n      source  = "${name}"\n      version = "${constraint}"\n    }\n  }\n}\n`,
  );
  const config = join(root, "mirror.tfrc");
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = "${join(root, "mirror")}"\n  }\n}\n`,
  );
  return runTerraform(["init", "-no-color", "-input=false"], { cwd: root, env: { TF_CLI_CONFIG_FILE: config } });
}

describe("a mirror", () => {
  it.each([
    ["hashicorp/aws", REQUIRED_PROVIDERS.aws.version, ["6.28.0", "7.0.0"]],
    ["hashicorp/awscc", REQUIRED_PROVIDERS.awscc.version, ["1.89.0"]],
  ])("that offers %s only in versions beside %s is refused", async (name, constraint, versions) => {
    const run = await init(name, constraint, versions);

    expect(run.exitCode).toBe(1);
    expect(run.stderr.replace(/\s+/g, " ")).toContain("no available releases match the given constraints");
  });

  it("gives the newest version that fits", async () => {
    const run = await init("hashicorp/aws", REQUIRED_PROVIDERS.aws.version, ["6.28.0", "6.29.0", "6.66.0", "7.0.0"]);

    expect(run.stdout).toContain("Installed hashicorp/aws v6.66.0");
  });
});
