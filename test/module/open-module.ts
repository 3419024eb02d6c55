import { createHash } from "node:crypto";
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

/**
 * As {@link openModule}, with the module's inputs alone, and of those what bears on a call: a plan of a hundred calls
 * with all that the module has takes minutes.
 */
export async function openInputs(
  calls: Record<string, Record<string, unknown>>,
  providers: ServedProviders,
): Promise<Workspace> {
  const variables = variablesIn(await readFile(`${MODULE_DIR}/variables.tf`, "utf8"));
  const files: Record<string, string> = {};
  const sourceOf = (name: string) => {
    const needed = neededFor(Object.keys(calls[name] ?? {}), variables);
    const folder = createHash("sha256").update(needed.join()).digest("hex").slice(0, 8);
    files[`inputs/${folder}/variables.tf`] = needed.map((each) => variables.get(each)).join("\n");
    return `./inputs/${folder}`;
  };
  // Without resources no provider is needed, and none is started.
  const { module } = JSON.parse(rootModule(calls, sourceOf));
  const root = JSON.stringify({ module });
  const workspace = await createWorkspace({ env: providers.env, files: { ...files, "main.tf.json": root } });
  await workspace.init();
  return workspace;
}

/** The blocks of `variables.tf`, by the variable's name. */
function variablesIn(text: string): Map<string, string> {
  const blocks = text.matchAll(/^variable "(\w+)" \{\n[\s\S]*?^\}\n/gm);
  return new Map([...blocks].map(([block, name = ""]) => [name, block]));
}

/** The variables that are given, those whose rules name one of them, and those that the rules of all these name. */
function neededFor(given: readonly string[], variables: Map<string, string>): string[] {
  const namedBy = (name: string) =>
    [...(variables.get(name) ?? "").matchAll(/\bvar\.(\w+)/g)].map(([, each = ""]) => each);
  const needed = new Set([
    ...given,
    ...[...variables.keys()].filter((name) => namedBy(name).some((each) => given.includes(each))),
  ]);
  // A set that grows is walked to its end.
  for (const name of needed) for (const each of namedBy(name)) needed.add(each);
  return [...needed].filter((name) => variables.has(name)).sort();
}

/** A root module as a user would write it, in Terraform's JSON syntax. */
export function rootModule(
  calls: Record<string, Record<string, unknown>>,
  sourceOf: (name: string) => string = () => "./module",
): string {
  const module = Object.fromEntries(
    Object.entries(calls).map(([name, inputs]) => [name, { source: sourceOf(name), ...literal(inputs) }]),
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
