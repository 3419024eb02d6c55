import { TerraformElement, TerraformLocal, TerraformOutput, TerraformResource, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { attribute, blank, block, comment, ref } from "../hcl/build.ts";
import type { Attribute, Block, Body, Expression, Item } from "../hcl/model.ts";
import { exceptionsOf } from "./except.ts";
import { commentOf } from "./explain.ts";
import { asAny } from "./hcl-token.ts";
import { OtherBlock } from "./other-block.ts";
import { inReadingOrder } from "./reading-order.ts";
import { resolveHcl } from "./resolve-hcl.ts";
import { type Described, isDescribed, Resolved, toExpression } from "./to-expression.ts";

/** Body of a file: the elements of a construct in the order in which they were made, each with its comment. */
export function toBody(file: Construct): Item[] {
  const items: Item[] = [];
  let locals: Attribute[] = [];
  const flush = () => {
    if (locals.length > 0) items.push(blank, block("locals", [], locals));
    locals = [];
  };
  for (const construct of file.node.findAll()) {
    const text = commentOf(construct);
    const explained = text === undefined ? [] : [comment(text)];
    if (construct instanceof TerraformLocal) locals.push(toLocal(construct));
    else if (construct instanceof TerraformElement || text !== undefined) {
      flush();
      const blocks = construct instanceof TerraformElement ? [toBlock(construct)] : [];
      items.push(blank, ...explained, ...blocks);
    }
  }
  flush();
  return items.slice(1);
}

/** The block of a cdktf element. */
export function toBlock(element: TerraformElement): Block {
  try {
    if (element instanceof OtherBlock) return { ...element.block, body: resolveBody(element, element.block.body) };
    if (element instanceof TerraformVariable) return variableBlock(element);
    if (element instanceof TerraformOutput) return outputBlock(element);
    return resourceBlock(element);
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${element.node.path}: ${reason}`, { cause: error });
  }
}

/** The body with what cdktf stands in for values replaced. */
function resolveBody(element: TerraformElement, body: Body): Body {
  return body.map((item) => {
    if (item.kind === "block") return { ...item, body: resolveBody(element, item.body) };
    if (item.kind !== "attribute") return item;
    return attribute(item.name, toExpression(resolveHcl(element, asAny(item.value))));
  });
}

function toLocal(local: TerraformLocal): Attribute {
  // Its own property is a reference to it.
  const [name, described] = onlyEntry(local, record(resolveHcl(local, local.toHclTerraform()), "element").locals);
  return attribute(name, toExpression(record(described, name).value));
}

/** Attributes in the order of HashiCorp's style guide. */
function variableBlock(variable: TerraformVariable): Block {
  const { type, description, default: value, nullable, sensitive, validation = [] } = variable;
  return block(
    "variable",
    [variable.friendlyUniqueId],
    [
      ...attributesOf(variable, { type, description, default: value, nullable, sensitive }),
      ...validation.map(({ condition, errorMessage }) =>
        block("validation", [], attributesOf(variable, { condition, error_message: errorMessage })),
      ),
    ],
  );
}

function outputBlock(output: TerraformOutput): Block {
  const { description, value, sensitive } = output;
  return block("output", [output.friendlyUniqueId], attributesOf(output, { description, value, sensitive }));
}

function attributesOf(element: TerraformElement, values: Readonly<Record<string, unknown>>): Attribute[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [attribute(name, toExpression(resolveHcl(element, value)))],
  );
}

function resourceBlock(element: TerraformElement): Block {
  const kind = element instanceof TerraformResource ? "resource" : "data";
  const [type, byName] = onlyEntry(element, record(resolveHcl(element, element.toHclTerraform()), "element")[kind]);
  const [name, attributes] = onlyEntry(element, byName);
  // awscc is built on protocol 6, where nested values are attributes; the others have blocks.
  const body = memberBody(record(attributes, name), type.startsWith("awscc_"));
  const exceptions = exceptionsOf(element).map(comment);
  return block(kind, [type, name], exceptions.length === 0 ? body : [...exceptions, blank, ...body]);
}

const LEADING = ["count", "for_each", "provider"];
const TRAILING = ["depends_on", "lifecycle"];

/** Body in the order a person would write: meta arguments, attributes, blocks, dependencies, life cycle. */
function memberBody(members: Readonly<Record<string, unknown>>, nestsAttributes: boolean): Body {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  const dynamic: Block[] = [];
  for (const [name, member] of Object.entries(members)) {
    if (name === "//" || member === undefined || LEADING.includes(name) || TRAILING.includes(name)) continue;
    if (name === "dynamic") {
      dynamic.push(...dynamicBlocks(record(member, name), nestsAttributes));
      continue;
    }
    const { value, isBlock }: Described = isDescribed(member) ? member : { value: member };
    if (value === undefined) continue;
    if (isBlock === true && !nestsAttributes) {
      for (const one of Array.isArray(value) ? value : [value]) {
        blocks.push(block(name, [], memberBody(record(one, name), false)));
      }
    } else attributes.push(attribute(name, toExpression(value)));
  }
  const groups: Item[][] = [
    LEADING.flatMap((name) => (members[name] === undefined ? [] : [attribute(name, toExpression(members[name]))])),
    inReadingOrder(attributes, ({ name }) => name),
    [...inReadingOrder(blocks, ({ type }) => type), ...dynamic],
    dependsOn(members.depends_on),
    members.lifecycle === undefined ? [] : [lifecycle(record(members.lifecycle, "lifecycle"))],
  ];
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, position) => (position === 0 ? group : [blank, ...group]));
}

/** Blocks that are made for each element of a value: `for_each`, and the body as the block itself would have it. */
function dynamicBlocks(members: Readonly<Record<string, unknown>>, nestsAttributes: boolean): Block[] {
  return Object.entries(members).map(([type, member]) => {
    const { for_each: each, content } = record(member, type);
    const body = block("content", [], memberBody(record(content, type), nestsAttributes));
    return block("dynamic", [type], [attribute("for_each", toExpression(each)), blank, body]);
  });
}

function dependsOn(value: unknown): Item[] {
  if (value === undefined) return [];
  return [attribute("depends_on", list(value, "depends_on").map(referenceOf))];
}

function referenceOf(value: unknown): Expression {
  return value instanceof Resolved ? value.expression : ref(String(value));
}

/** Members that name attributes of the resource, or other resources: references, not strings. */
const REFERENCE_LISTS = ["ignore_changes", "replace_triggered_by"];

function lifecycle(members: Readonly<Record<string, unknown>>): Block {
  const body = Object.entries(members).flatMap(([name, value]): Item[] => {
    if (value === undefined) return [];
    if (name === "precondition" || name === "postcondition") {
      return list(value, name).map((one) => block(name, [], memberBody(record(one, name), false)));
    }
    if (REFERENCE_LISTS.includes(name)) {
      const references = Array.isArray(value) ? value.map(referenceOf) : referenceOf(value);
      return [attribute(name, references)];
    }
    return [attribute(name, toExpression(value))];
  });
  return block("lifecycle", [], body);
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
