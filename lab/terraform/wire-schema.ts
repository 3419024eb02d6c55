import type { Attribute, Block, Nesting, Schema } from "./schema.ts";

const NESTING: Record<Nesting, number> = { single: 1, list: 2, set: 3, map: 4, group: 5 };

/** A schema as the protocol's `Schema` message. */
export function wireSchema(schema: Schema): object {
  return { version: schema.version, block: wireBlock(schema.block) };
}

function wireBlock(block: Block): object {
  return {
    attributes: wireAttributes(block.attributes ?? {}),
    block_types: Object.entries(block.block_types ?? {}).map(([type_name, type]) => ({
      type_name,
      nesting: NESTING[type.nesting_mode],
      min_items: type.min_items ?? 0,
      max_items: type.max_items ?? 0,
      block: wireBlock(type.block),
    })),
    description: block.description ?? "",
    deprecated: block.deprecated ?? false,
  };
}

function wireAttributes(attributes: Record<string, Attribute>): object[] {
  return Object.entries(attributes).map(([name, attribute]) => ({
    name,
    ...(attribute.nested_type === undefined
      ? { type: Buffer.from(JSON.stringify(attribute.type)) }
      : {
          nested_type: {
            attributes: wireAttributes(attribute.nested_type.attributes),
            nesting: NESTING[attribute.nested_type.nesting_mode],
          },
        }),
    description: attribute.description ?? "",
    description_kind: attribute.description_kind === "markdown" ? 1 : 0,
    required: attribute.required ?? false,
    optional: attribute.optional ?? false,
    computed: attribute.computed ?? false,
    sensitive: attribute.sensitive ?? false,
    deprecated: attribute.deprecated ?? false,
    write_only: attribute.write_only ?? false,
  }));
}
