import { REQUIRED_PROVIDERS } from "../../src/interface/versions.ts";

/** The lowest version that a constraint such as `>= 6.29, < 7.0` allows. */
export function lowestOf(constraint: string): string {
  const [, version] = /^>= (\d+(?:\.\d+){0,2})(?:,|$)/.exec(constraint) ?? [];
  if (version === undefined) throw new Error(`${constraint} does not begin with the lowest version that it allows`);
  return [...version.split("."), "0", "0"].slice(0, 3).join(".");
}

/** An override file that holds a configuration's providers at the lowest versions that the module allows. */
export function lowestOverride(names: readonly string[]): string {
  const entries = Object.entries(REQUIRED_PROVIDERS)
    .filter(([name]) => names.includes(name))
    .map(([name, { source, version }]) => `    ${name} = { source = "${source}", version = "${lowestOf(version)}" }`);
  return ["terraform {", "  required_providers {", ...entries, "  }", "}", ""].join("\n");
}

/** Names of the providers that a configuration requires. */
export function requiredIn(configuration: string): string[] {
  return Object.entries(REQUIRED_PROVIDERS).flatMap(([name, { source }]) =>
    configuration.includes(`"${source}"`) ? [name] : [],
  );
}
