/** A type in Terraform's JSON notation, such as `"string"` or `["set", "string"]`. */
export type CtyType =
  | "string"
  | "number"
  | "bool"
  | ["list" | "set" | "map", CtyType]
  | ["object", { [name: string]: CtyType }]
  | ["tuple", CtyType[]];

export type Nesting = "single" | "list" | "set" | "map" | "group";

export interface NestedType {
  nesting_mode: Nesting;
  attributes: Record<string, Attribute>;
}

export interface Attribute {
  type?: CtyType;
  nested_type?: NestedType;
  description?: string;
  description_kind?: "plain" | "markdown";
  required?: boolean;
  optional?: boolean;
  computed?: boolean;
  sensitive?: boolean;
  deprecated?: boolean;
  write_only?: boolean;
}

export interface BlockType {
  nesting_mode: Nesting;
  block: Block;
  min_items?: number;
  max_items?: number;
}

export interface Block {
  attributes?: Record<string, Attribute>;
  block_types?: Record<string, BlockType>;
  description?: string;
  description_kind?: "plain" | "markdown";
  deprecated?: boolean;
}

export interface Schema {
  version: number;
  block: Block;
}

/** One provider of what `terraform providers schema -json` prints. */
export interface ProviderSchema {
  provider: Schema;
  resource_schemas: Record<string, Schema>;
  data_source_schemas: Record<string, Schema>;
  ephemeral_resource_schemas?: Record<string, Schema>;
}

/** Throws with every fault of a provider's schema: Terraform itself would panic on some of them. */
export function assertSchema(name: string, schema: ProviderSchema): void {
  const faults = [
    ...blockFaults("provider", schema.provider.block),
    ...Object.entries(schema.resource_schemas).flatMap(([type, each]) => blockFaults(type, each.block)),
    ...Object.entries(schema.data_source_schemas).flatMap(([type, each]) => blockFaults(`data.${type}`, each.block)),
  ];
  if (faults.length > 0) throw new Error(`the schema of provider ${name} is wrong: ${faults.join("; ")}`);
}

/** Each fault of a block, with its path. */
export function blockFaults(path: string, block: Block): string[] {
  const attributes = attributeFaults(path, block.attributes ?? {});
  const blocks = Object.entries(block.block_types ?? {}).flatMap(([name, type]) => [
    ...(block.attributes?.[name] === undefined ? [] : [`${path}.${name} is both an attribute and a block`]),
    ...blockFaults(`${path}.${name}`, type.block),
  ]);
  return [...attributes, ...blocks];
}

function attributeFaults(path: string, attributes: Record<string, Attribute>): string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const at = `${path}.${name}`;
    const faults: string[] = [];
    if (!attribute.required && !attribute.optional && !attribute.computed) {
      faults.push(`${at} is neither required nor optional nor computed`);
    }
    if (attribute.required && (attribute.optional || attribute.computed)) {
      faults.push(`${at} is required and also optional or computed`);
    }
    if (attribute.nested_type !== undefined) faults.push(...attributeFaults(at, attribute.nested_type.attributes));
    else if (!isCtyType(attribute.type)) faults.push(`${at} has no type that Terraform knows`);
    return faults;
  });
}

function isCtyType(type: unknown): boolean {
  if (typeof type === "string") return ["string", "number", "bool"].includes(type);
  if (!Array.isArray(type)) return false;
  const [kind, of]: unknown[] = type;
  if (kind === "object") return typeof of === "object" && of !== null && Object.values(of).every(isCtyType);
  if (kind === "tuple") return Array.isArray(of) && of.every(isCtyType);
  return (kind === "list" || kind === "set" || kind === "map") && isCtyType(of);
}
