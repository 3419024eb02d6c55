import type { Property, PropertyType, SpecDatabase } from "@aws-cdk/service-spec-types";

type Primitive = "string" | "number" | "bool";

/** One attribute, shaped as `terraform providers schema -json` shapes it. */
export interface AttributeSchema {
  type?: Primitive | ["list" | "set" | "map", Primitive];
  nested_type?: { nesting_mode: "single" | "list" | "set" | "map"; attributes: Record<string, AttributeSchema> };
  description?: string;
  description_kind: "plain";
  required?: true;
  optional?: true;
  computed?: true;
}

/** One resource type, shaped as `terraform providers schema -json` shapes it. */
export interface ResourceSchema {
  version: number;
  block: { description?: string; description_kind: "plain"; attributes: Record<string, AttributeSchema> };
}

/**
 * The schema that the awscc provider gives a CloudFormation resource type, derived from the CloudFormation
 * specification. The specification no longer says which arrays have unique items, which awscc makes sets:
 * `listProperties` names those that it makes lists.
 */
export function schemaOf(
  database: SpecDatabase,
  cloudFormationType: string,
  listProperties: ReadonlySet<string> = new Set(),
): ResourceSchema {
  const resource = database.lookup("resource", "cloudFormationType", "equals", cloudFormationType).only();
  const attributes: Record<string, AttributeSchema> = {
    ...attributesOf(database, resource.properties, listProperties),
    ...Object.fromEntries(
      Object.entries(resource.attributes).map(([name, attribute]) => [
        snakeCase(name),
        { ...typeOf(database, attribute.type, "set", listProperties), ...describe(attribute), computed: true as const },
      ]),
    ),
    id: { type: "string", description_kind: "plain", computed: true },
  };
  return { version: 1, block: { ...describe(resource), attributes } };
}

/** Attribute name that awscc gives a CloudFormation property: `CloudWatch` is one word to it, `MiB` are two. */
export function snakeCase(property: string): string {
  return property
    .replace(/CloudWatch|CloudFormation|CloudFront/g, (word) => `C${word.slice(1).toLowerCase()}`)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

function attributesOf(
  database: SpecDatabase,
  properties: Readonly<Record<string, Property>>,
  listProperties: ReadonlySet<string>,
): Record<string, AttributeSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const mode = listProperties.has(name) ? "list" : "set";
      return [
        snakeCase(name),
        {
          ...typeOf(database, property.type, mode, listProperties),
          ...describe(property),
          ...(property.required === true
            ? { required: true as const }
            : { optional: true as const, computed: true as const }),
        },
      ];
    }),
  );
}

const PRIMITIVES: Readonly<Record<string, Primitive>> = {
  string: "string",
  boolean: "bool",
  integer: "number",
  number: "number",
  json: "string",
  "date-time": "string",
};

function typeOf(
  database: SpecDatabase,
  type: PropertyType,
  mode: "list" | "set",
  listProperties: ReadonlySet<string>,
): Pick<AttributeSchema, "type" | "nested_type"> {
  const primitive = PRIMITIVES[type.type];
  if (primitive !== undefined) return { type: primitive };
  switch (type.type) {
    case "tag": {
      const text: AttributeSchema = { type: "string", description_kind: "plain", optional: true, computed: true };
      return { nested_type: { nesting_mode: "single", attributes: { key: text, value: text } } };
    }
    case "ref": {
      const { properties } = database.get("typeDefinition", type.reference.$ref);
      return {
        nested_type: { nesting_mode: "single", attributes: attributesOf(database, properties, listProperties) },
      };
    }
    case "array": {
      const element = typeOf(database, type.element, "set", listProperties);
      if (element.nested_type) return { nested_type: { ...element.nested_type, nesting_mode: mode } };
      if (typeof element.type === "string") return { type: [mode, element.type] };
      throw new Error("the specification has an array of arrays, for which awscc's schema is not known");
    }
    case "map": {
      const element = typeOf(database, type.element, "set", listProperties);
      if (element.nested_type) return { nested_type: { ...element.nested_type, nesting_mode: "map" } };
      if (typeof element.type === "string") return { type: ["map", element.type] };
      throw new Error("the specification has a map of collections, for which awscc's schema is not known");
    }
    default:
      throw new Error(`the specification has the type ${type.type}, for which awscc's schema is not known`);
  }
}

function describe({
  documentation,
}: {
  documentation?: string;
}): Pick<AttributeSchema, "description" | "description_kind"> {
  return { ...(documentation === undefined ? {} : { description: documentation }), description_kind: "plain" };
}
