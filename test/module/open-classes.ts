import { readFile } from "node:fs/promises";
import type { ServedProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../lab/terraform/terraform.ts";
import { GOOD_CALL, rootModule } from "./open-module.ts";
import { MODULE_DIR } from "./parse-module.ts";

/** What the file of the classes takes from others. */
const OTHERS = `locals {
  account_id        = "123456789012"
  class_image_names = {}
  class_images      = {}
  github_owner      = "my-org"
  region            = "eu-west-1"
  tags              = {}
}
`;

/**
 * A root module that calls the inputs and the classes of the generated module, whose texts are taken as they are,
 * without its other resources: many calls are planned in seconds.
 */
export async function openClasses(
  calls: Record<string, Record<string, unknown>>,
  providers: ServedProviders,
): Promise<Workspace> {
  const [variables, classes] = await Promise.all(
    ["variables.tf", "classes.tf"].map((name) => readFile(`${MODULE_DIR}/${name}`, "utf8")),
  );
  const all = Object.entries(calls).map(([name, inputs]): [string, Record<string, unknown>] => [
    name,
    { ...GOOD_CALL, name_prefix: name.replaceAll("_", "-"), ...inputs },
  ]);
  const workspace = await createWorkspace({
    env: providers.env,
    files: {
      "main.tf.json": rootModule(Object.fromEntries(all)),
      "module/variables.tf": variables ?? "",
      "module/classes.tf": (classes ?? "").replace(/^ *depends_on = .*\n/m, ""),
      "module/others.tf": OTHERS,
    },
  });
  await workspace.init();
  return workspace;
}
