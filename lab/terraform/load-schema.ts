import { readFileSync } from "node:fs";
import { assertSchema, type ProviderSchema } from "./schema.ts";

/** Providers that the lab can stand in for. */
export const PROVIDER_NAMES = ["aws", "awscc", "github", "random", "archive"] as const;
/** Providers of which the lab has the schema and nothing else: their values are made up. */
export const MADE_UP_PROVIDERS = ["http", "local", "null", "time", "tls"] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number] | (typeof MADE_UP_PROVIDERS)[number];

/** The schema of one of the lab's providers, checked. */
export function loadSchema(name: ProviderName): ProviderSchema {
  const text = readFileSync(new URL(`./schemas/${name}.json`, import.meta.url), "utf8");
  // Our own file, of this shape by schemas/README.md; assertSchema refuses what Terraform could not read.
  const schema = JSON.parse(text) as ProviderSchema;
  assertSchema(name, schema);
  return schema;
}
