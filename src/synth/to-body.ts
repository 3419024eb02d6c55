import { type TerraformElement, TerraformResource, type TerraformStack } from "cdktf";
import { resolve } from "cdktf/lib/_tokens.js";
import { attribute, blank, block, raw } from "../hcl/build.ts";
import type { Attribute, Block, Body, Expression, Item, ObjectEntry } from "../hcl/model.ts";
import { parseTemplate } from "../hcl/parse-template.ts";

/** What cdktf says of one attribute or block. */
interface Described {
  /** Absent: it was not set. */
  value?: unknown;
  isBlock?: boolean;
}

/** Whether nested values of a resource type are attributes (protocol 6) instead of blocks. */
export type NestsAttributes = (type: string) => boolean;

/** The resource or data source block of a cdktf element. */
export function toBlock(stack: TerraformStack, element: TerraformElement, nestsAttributes: NestsAttributes): Block {
  const kind = element instanceof TerraformResource ? "resource" : "data";
  const [type, byName] = onlyEntry(element, record(resolve(stack, element.toHclTerraform()), "element")[kind]);
  const [name, attributes] = onlyEntry(element, byName);
  try {
    return block(kind, [type, name], toBody(record(attributes, name), nestsAttributes(type)));
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${element.node.path}: ${reason}`, { cause: error });
  }
}

const LEADING = ["count", "for_each", "provider"];
const TRAILING = ["depends_on", "lifecycle"];
/** Names the thing itself, so that it stands first. */
const isName = (name: string) => ["name", "function_name", "bucket", "sid"].includes(name);

/** Body in the order a person would write: meta arguments, name, attributes, tags, blocks, dependencies, life cycle. */
function toBody(members: Readonly<Record<string, unknown>>, nestsAttributes: boolean): Body {
  const attributes: Attribute[] = [];
  const blocks: Item[] = [];
  for (const [name, member] of Object.entries(members)) {
    if (name === "//" || member === undefined || LEADING.includes(name) || TRAILING.includes(name)) continue;
    if (name === "dynamic") {
      blocks.push(...dynamicBlocks(record(member, name), nestsAttributes));
      continue;
    }
    const { value, isBlock } = describedOf(member);
    if (value === undefined) continue;
    if (isBlock === true && !nestsAttributes) {
      for (const one of Array.isArray(value) ? value : [value]) {
        blocks.push(block(name, [], toBody(record(one, name), false)));
      }
    } else attributes.push(attribute(name, toExpression(value)));
  }
  attributes.sort((a, b) => rank(a.name) - rank(b.name));
  const groups: Item[][] = [
    LEADING.flatMap((name) => (members[name] === undefined ? [] : [attribute(name, toExpression(members[name]))])),
    attributes,
    blocks,
    dependsOn(members.depends_on),
    members.lifecycle === undefined ? [] : [lifecycle(record(members.lifecycle, "lifecycle"))],
  ];
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index === 0 ? group : [blank, ...group]));
}

/** Blocks that are made for each element of a value: `for_each`, and the body as the block itself would have it. */
function dynamicBlocks(members: Readonly<Record<string, unknown>>, nestsAttributes: boolean): Block[] {
  return Object.entries(members).map(([type, member]) => {
    const { for_each: each, content } = record(member, type);
    const body = block("content", [], toBody(record(content, type), nestsAttributes));
    return block("dynamic", [type], [attribute("for_each", toExpression(each)), blank, body]);
  });
}

function rank(name: string): number {
  if (isName(name)) return 0;
  return name === "tags" ? 2 : 1;
}

function dependsOn(value: unknown): Item[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error("depends_on must be a list of resources");
  return [attribute("depends_on", { kind: "list", items: value.map((address) => raw(String(address))) })];
}

/** Members that name attributes of the resource, or other resources: references, not strings. */
const REFERENCE_LISTS = ["ignore_changes", "replace_triggered_by"];

function lifecycle(members: Readonly<Record<string, unknown>>): Block {
  const body = Object.entries(members).flatMap(([name, value]): Item[] => {
    if (value === undefined) return [];
    if (name === "precondition" || name === "postcondition") {
      return list(value, name).map((one) => block(name, [], toBody(record(one, name), false)));
    }
    if (REFERENCE_LISTS.includes(name) && Array.isArray(value)) {
      return [attribute(name, { kind: "list", items: value.map((reference) => raw(String(reference))) })];
    }
    if (name === "ignore_changes") return [attribute(name, raw(String(value)))];
    return [attribute(name, toExpression(value))];
  });
  return block("lifecycle", [], body);
}

function toExpression(value: unknown): Expression {
  if (value === null) return { kind: "null" };
  switch (typeof value) {
    case "string": {
      const parts = parseTemplate(value);
      const [only] = parts;
      if (parts.length === 1 && typeof only === "string") return { kind: "string", value: only };
      return { kind: "template", parts };
    }
    case "number":
      return { kind: "number", value };
    case "boolean":
      return { kind: "bool", value };
    case "object":
      if (Array.isArray(value)) return { kind: "list", items: value.map(toExpression) };
      return { kind: "object", entries: entriesOf(value) };
    default:
      throw new Error(`cdktf resolved to a ${typeof value}, which HCL does not have`);
  }
}

function entriesOf(value: object): ObjectEntry[] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]): ObjectEntry[] => {
    const inner = isDescribed(member) ? member.value : member;
    return inner === undefined ? [] : [{ key, value: toExpression(inner) }];
  });
}

function describedOf(member: unknown): Described {
  return isDescribed(member) ? member : { value: member };
}

function isDescribed(member: unknown): member is Described {
  return typeof member === "object" && member !== null && "storageClassType" in member;
}

function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${name} is not a list`);
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${name} is not an object`);
  return Object.fromEntries(Object.entries(value));
}

function onlyEntry(element: TerraformElement, value: unknown): [string, unknown] {
  const [entry, ...more] = Object.entries(record(value, element.node.path));
  if (entry === undefined || more.length > 0)
    throw new Error(`${element.node.path}: expected one resource or data source`);
  return entry;
}
