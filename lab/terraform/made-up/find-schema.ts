import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SpecDatabase } from "@aws-cdk/service-spec-types";
import { schemaOf, snakeCase } from "../../../src/schema/schema-of.ts";
import type { ProviderName } from "../load-schema.ts";
import { blockFaults, type Schema } from "../schema.ts";
import { readBindings } from "./read-bindings.ts";

/** A type that a configuration names, such as the data source `aws_ami`. */
export interface TypeName {
  kind: "resource" | "data";
  type: string;
}

/** Providers of whose types npm has bindings that this project installs. */
const BOUND: readonly ProviderName[] = ["aws", "github", "random"];
const require = createRequire(import.meta.url);

/**
 * The schema of a type that the lab has none of, from the packages that are installed: cdktf's bindings of aws, github
 * and random, and the CloudFormation specification for awscc. Undefined where they lack the type or do not tell enough.
 */
export async function findSchema(provider: ProviderName, { kind, type }: TypeName): Promise<Schema | undefined> {
  const found = BOUND.includes(provider)
    ? await fromBindings(provider, { kind, type })
    : provider === "awscc"
      ? await fromSpecification({ kind, type })
      : undefined;
  // Terraform would panic on some faults.
  return found === undefined || blockFaults(type, found.block).length > 0 ? undefined : found;
}

async function fromBindings(provider: string, { kind, type }: TypeName): Promise<Schema | undefined> {
  const words = type.replace(/^[a-z]+_/, "").replaceAll("_", "-");
  const folder = kind === "data" ? `data-${provider}-${words}` : words;
  const library = join(dirname(require.resolve(`@cdktf/provider-${provider}/package.json`)), "lib");
  // A name that is one of TypeScript's types has another folder.
  const path = [folder, `${folder}-resource`]
    .map((name) => join(library, name, "index.js"))
    .find((candidate) => existsSync(candidate));
  const binding = path === undefined ? undefined : readBindings(await readFile(path, "utf8"));
  if (binding === undefined || binding.type !== type || binding.kind !== kind) return undefined;
  return withComputedNames(binding.schema);
}

/** What most types of aws and github fill in when a configuration leaves it out; bindings tell of none of them. */
const FILLED_IN = ["id", "name", "arn", "region", "tags_all"];

function withComputedNames({ version, block }: Schema): Schema {
  const attributes = Object.entries(block.attributes ?? {}).map(([name, attribute]) => [
    name,
    attribute.optional && FILLED_IN.includes(name) ? { ...attribute, computed: true } : attribute,
  ]);
  return { version, block: { ...block, attributes: Object.fromEntries(attributes) } };
}

/** Read once, because that takes seconds. */
let specification: Promise<SpecDatabase> | undefined;

async function fromSpecification({ kind, type }: TypeName): Promise<Schema | undefined> {
  specification ??= import("@aws-cdk/aws-service-spec").then(({ loadAwsServiceSpec }) => loadAwsServiceSpec());
  const database = await specification;
  const name = cloudFormationName(database, type);
  if (name === undefined) return undefined;
  try {
    const { version, block } = schemaOf(database, name);
    return kind === "resource" ? { version, block } : { version, block: lookup(block.attributes ?? {}) };
  } catch {
    // It throws for what awscc's schema is not known of, and its recursion has no end in types that hold themselves.
    return undefined;
  }
}

function cloudFormationName(database: SpecDatabase, type: string): string | undefined {
  return database
    .all("resource")
    .map(({ cloudFormationType }) => cloudFormationType)
    .find((candidate) => {
      const [, service = "", resource = ""] = candidate.split("::");
      return `awscc_${service.toLowerCase()}_${snakeCase(resource)}` === type;
    });
}

/** awscc's data source of a type: found by its `id`, all else is the answer. */
function lookup(attributes: NonNullable<Schema["block"]["attributes"]>): Schema["block"] {
  const answers = Object.entries(attributes).map(([name, { type, nested_type: nested }]) => [
    name,
    { ...(nested === undefined ? { type } : { nested_type: nested }), computed: true },
  ]);
  return { attributes: { ...Object.fromEntries(answers), id: { type: "string", required: true } } };
}
