import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import type { Tool } from "./core/main-tf.ts";

const versionDocument = v.pipe(v.string(), v.parseJson(), v.object({ terraform_version: v.string() }));

/**
 * The Terraform or OpenTofu on the PATH; where both are, the one that made `.terraform` here. Undefined where neither
 * is.
 */
export async function findTool(folder: string, environment: NodeJS.ProcessEnv): Promise<Tool | undefined> {
  const modules = await readFile(join(folder, ".terraform/modules/modules.json"), "utf8").catch(() => "");
  const names = modules.includes("registry.opentofu.org/")
    ? (["tofu", "terraform"] as const)
    : (["terraform", "tofu"] as const);
  for (const name of names) {
    const version = await versionOf(name, environment);
    if (version !== undefined) return { name, version };
  }
  return undefined;
}

async function versionOf(name: Tool["name"], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(name, ["version", "-json"], {
      env: { ...env, CHECKPOINT_DISABLE: "1" },
    });
    const read = v.safeParse(versionDocument, stdout);
    return read.success ? read.output.terraform_version : undefined;
  } catch {
    return undefined;
  }
}
