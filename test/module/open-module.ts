import { readFile } from "node:fs/promises";
import type { ServedProviders } from "../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Workspace } from "../../lab/terraform/terraform.ts";
import { createAppKey } from "../support/app-key.ts";
import { MODULE_DIR } from "./parse-module.ts";

/** A private key as GitHub hands it out; one for the whole run, because making one takes a while. */
export const APP_KEY = createAppKey().pkcs1;

/** A call that every rule of the module accepts. */
export const GOOD_CALL: Record<string, unknown> = {
  github_app: { app_id: "123456", installation_id: "12345678", private_key: APP_KEY },
  github_organization: "my-org",
};

/** Opens a root module with the given calls of the generated module, by name. */
export async function openModule(
  calls: Record<string, Record<string, unknown>>,
  providers: ServedProviders,
): Promise<Workspace> {
  const workspace = await createWorkspace({
    copyOf: { module: MODULE_DIR },
    env: providers.env,
    files: { "main.tf.json": rootModule(calls) },
  });
  await workspace.init();
  return workspace;
}

/** As {@link openModule}, with the module's inputs alone: without its resources a plan of many calls takes seconds. */
export async function openInputs(
  calls: Record<string, Record<string, unknown>>,
  providers: ServedProviders,
): Promise<Workspace> {
  const variables = await readFile(`${MODULE_DIR}/variables.tf`, "utf8");
  const workspace = await createWorkspace({
    env: providers.env,
    files: { "main.tf.json": rootModule(calls), "module/variables.tf": variables },
  });
  await workspace.init();
  return workspace;
}

/** A root module as a user would write it, in Terraform's JSON syntax. */
export function rootModule(calls: Record<string, Record<string, unknown>>): string {
  const module = Object.fromEntries(
    Object.entries(calls).map(([name, inputs]) => [name, { source: "./module", ...literal(inputs) }]),
  );
  const root = {
    terraform: { required_providers: { github: { source: "integrations/github" } } },
    provider: { aws: { region: "eu-west-1" }, awscc: { region: "eu-west-1" }, github: { owner: "my-org" } },
    module,
    output: Object.fromEntries(
      Object.keys(calls).map((name) => [name, { value: `\${module.${name}}`, sensitive: true }]),
    ),
  };
  return JSON.stringify(root, null, 2);
}

/** Strings are templates in Terraform's JSON syntax, so what would begin an expression in them is escaped. */
function literal(inputs: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(inputs).replace(/[$%](?=\{)/g, (sign) => sign + sign));
}
