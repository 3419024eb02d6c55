import { readFileSync } from "node:fs";
import { EXAMPLE_VARIABLES } from "../../lab/example-variables.ts";
import type { ServedProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../lab/terraform/terraform.ts";
import { fencedBlocks } from "../docs/markdown.ts";
import { APP_KEY } from "./open-module.ts";
import { EXAMPLES_DIR, MODULE_DIR } from "./parse-module.ts";

/** A copy of an example beside the module, not yet initialised. */
export function openExample(name: string, { env }: ServedProviders): Promise<Workspace> {
  const root = `examples/${name}`;
  return createWorkspace({
    copyOf: { module: MODULE_DIR, [root]: `${EXAMPLES_DIR}/${name}` },
    root,
    files: { "app.pem": APP_KEY },
    variables: EXAMPLE_VARIABLES[name] ?? {},
    env,
  });
}

/** The commands by which the example's README applies it, from `terraform init` on. */
export function commandsOf(name: string): string {
  const [commands = ""] = fencedBlocks(readFileSync(`${EXAMPLES_DIR}/${name}/README.md`, "utf8"), "sh");
  return commands;
}
