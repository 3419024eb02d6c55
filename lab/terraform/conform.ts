import type { Value } from "./behaviour.ts";
import { isObject, type PlanValue, type PlanValues, Unknown } from "./dynamic-value.ts";
import type { Attribute, Block, BlockType, CtyType, NestedType } from "./schema.ts";

/**
 * A value that a behaviour returned, in the exact shape that the wire wants: every attribute of an object present.
 * Throws, with the path, when it does not fit the schema: Terraform would only say that it could not decode the
 * message.
 */
export function conformAttribute(attribute: Attribute, value: PlanValue | undefined, path: string): PlanValue {
  if (attribute.nested_type !== undefined) return conformNested(attribute.nested_type, value, path);
  if (attribute.type === undefined) throw new Error(`${path} has no type`);
  return conformType(attribute.type, value, path);
}

/** As {@link conformAttribute}, for all the contents of a resource or block. */
export function conformBlock(block: Block, value: PlanValue | undefined, path: string): PlanValue {
  if (value === undefined || value === null || value instanceof Unknown) return value ?? null;
  if (!isObject(value)) throw mismatch(path, "an object", value);
  return conformObject(block, value, path);
}

/** As {@link conformBlock}, of what is known to be an object. */
export function conformObject(block: Block, value: PlanValues, path: string): PlanValues {
  const attributes = block.attributes ?? {};
  const blocks = block.block_types ?? {};
  const stray = Object.keys(value).find((name) => attributes[name] === undefined && blocks[name] === undefined);
  if (stray !== undefined) throw new Error(`${path}.${stray} is not in the provider's schema`);
  return Object.fromEntries([
    ...Object.entries(attributes).map(([name, each]) => [name, conformAttribute(each, value[name], `${path}.${name}`)]),
    ...Object.entries(blocks).map(([name, each]) => [name, conformBlockType(each, value[name], `${path}.${name}`)]),
  ]);
}

function conformBlockType(type: BlockType, value: PlanValue | undefined, path: string): PlanValue {
  const { nesting_mode: nesting, block } = type;
  if (nesting === "single" || nesting === "group") return conformBlock(block, value, path);
  if (value instanceof Unknown) return value;
  if (nesting === "map") return eachValue(value ?? {}, path, (item, at) => conformBlock(block, item, at));
  return eachItem(value ?? [], path, (item, at) => conformBlock(block, item, at));
}

function conformNested(nested: NestedType, value: PlanValue | undefined, path: string): PlanValue {
  if (value === undefined || value === null || value instanceof Unknown) return value ?? null;
  const inner = (item: PlanValue, at: string) => conformBlock({ attributes: nested.attributes }, item, at);
  if (nested.nesting_mode === "single") return inner(value, path);
  return nested.nesting_mode === "map" ? eachValue(value, path, inner) : eachItem(value, path, inner);
}

function conformType(type: CtyType, value: PlanValue | undefined, path: string): PlanValue {
  if (value === undefined || value === null || value instanceof Unknown) return value ?? null;
  if (typeof type === "string") {
    const wanted = type === "bool" ? "boolean" : type;
    if (typeof value !== wanted) throw mismatch(path, `a ${type}`, value);
    return value;
  }
  switch (type[0]) {
    case "list":
    case "set": {
      const [, of] = type;
      return eachItem(value, path, (item, at) => conformType(of, item, at));
    }
    case "map": {
      const [, of] = type;
      return eachValue(value, path, (item, at) => conformType(of, item, at));
    }
    case "tuple": {
      const [, of] = type;
      if (!Array.isArray(value) || value.length !== of.length) throw mismatch(path, `a list of ${of.length}`, value);
      return of.map((each, index) => conformType(each, value[index], `${path}[${index}]`));
    }
    case "object": {
      const attributes = Object.entries(type[1]).map(([name, of]) => [name, { type: of, optional: true }] as const);
      return conformBlock({ attributes: Object.fromEntries(attributes) }, value, path);
    }
  }
}

function eachItem(value: PlanValue, path: string, inner: (item: PlanValue, path: string) => PlanValue): PlanValue {
  if (!Array.isArray(value)) throw mismatch(path, "a list", value);
  return value.map((item, index) => inner(item, `${path}[${index}]`));
}

function eachValue(value: PlanValue, path: string, inner: (item: PlanValue, path: string) => PlanValue): PlanValue {
  if (!isObject(value)) throw mismatch(path, "a map", value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, `${path}.${key}`)]));
}

function mismatch(path: string, wanted: string, value: PlanValue): Error {
  return new Error(`${path} must be ${wanted}, not ${JSON.stringify(value)}`);
}

/** What a computed attribute has when nothing else is said of it: empty collections, zero, false, a text of its own. */
export function emptyValue(attribute: { type?: CtyType; nested_type?: NestedType }, text: string): Value {
  const { type, nested_type: nested } = attribute;
  if (nested !== undefined) {
    if (nested.nesting_mode === "map") return {};
    if (nested.nesting_mode !== "single" && nested.nesting_mode !== "group") return [];
    const entries = Object.entries(nested.attributes).map(([name, each]) => [
      name,
      emptyValue(each, `${text}-${name}`),
    ]);
    return Object.fromEntries(entries);
  }
  if (type === "string") return text;
  if (type === "number") return 0;
  if (type === "bool") return false;
  if (type === undefined || type[0] === "map") return {};
  if (type[0] !== "object") return [];
  return Object.fromEntries(
    Object.entries(type[1]).map(([name, of]) => [name, emptyValue({ type: of }, `${text}-${name}`)]),
  );
}
