import type { Attribute, Block, BlockType, CtyType, Schema } from "../schema.ts";

/** What a compiled binding of cdktf says of one type. */
export interface Binding {
  /** Such as `aws_instance`. */
  type: string;
  kind: "resource" | "data";
  schema: Schema;
}

interface Class {
  base: string;
  body: string;
}
type Classes = ReadonlyMap<string, Class>;

/**
 * Reads a type's schema back from cdktf's compiled binding of it: what has a setter may be set, what can be reset need
 * not be, and the accessor says of what type it is. Not in a binding: defaults, which optional attributes the provider
 * fills in, what forces a replacement, sensitivity, the schema's version. Attributes with attributes of their own
 * become blocks. Undefined where the text is no such binding, or has a property whose type it does not tell.
 */
export function readBindings(text: string): Binding | undefined {
  const type = /tfResourceType = "(\w+)"/.exec(text)?.[1];
  const classes = new Map(
    [...text.matchAll(/^class (\w+) extends \w+\.(\w+) \{$([\s\S]*?)^\}$/gm)].map(
      ([, name = "", base = "", body = ""]) => [name, { base, body }],
    ),
  );
  const main = [...classes.values()].find(({ base }) => /^Terraform(Resource|DataSource)$/.test(base));
  if (type === undefined || main === undefined) return undefined;
  const block = blockOf(classes, main);
  if (block === undefined) return undefined;
  return { type, kind: main.base === "TerraformResource" ? "resource" : "data", schema: { version: 0, block } };
}

function blockOf(classes: Classes, from: Class): Block | undefined {
  const attributes: Record<string, Attribute> = {};
  const blocks: Record<string, BlockType> = {};
  for (const { name, flags, made, code } of propertiesOf(from)) {
    const nested = made === undefined ? undefined : nestedIn(classes, made);
    if (nested === undefined) {
      const type = plainType(made?.text ?? code);
      if (name === undefined || type === undefined) return undefined;
      attributes[name] = { type, ...flags };
      continue;
    }
    const block = blockOf(classes, nested.of);
    if (name === undefined || block === undefined) return undefined;
    const { mode } = nested;
    if (flags.computed) attributes[name] = { type: [mode === "single" ? "list" : mode, objectType(block)], ...flags };
    else blocks[name] = blockType(name, mode, flags, block);
  }
  return { attributes, block_types: blocks };
}

/** `this._x = new Made(this, "name", unordered)`. */
interface Made {
  className: string;
  unordered: boolean;
  text: string;
}

interface Property {
  /** As Terraform spells it; undefined where the code does not tell. */
  name: string | undefined;
  flags: Pick<Attribute, "computed" | "optional" | "required">;
  /** What its accessor calls. */
  code: string;
  made: Made | undefined;
}

function propertiesOf({ body }: Class): Property[] {
  const made = new Map(
    [...body.matchAll(/this\.(_\w+) = (new (?:cdktf\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\))/g)].map(
      ([, field = "", text = "", className = "", name = "", unordered]) => [
        field,
        { text, className, name, unordered: unordered === "true" },
      ],
    ),
  );
  return [...body.matchAll(/^ {4}get (\w+)\(\) \{\n\s+return (.*);\n {4}\}$/gm)].flatMap(
    ([, property = "", code = ""]) => {
      const own = made.get(/^this\.(_\w+)$/.exec(code)?.[1] ?? "");
      const name = own?.name ?? /Attribute\('(\w+)'\)/.exec(code)?.[1];
      // The configured value beside each property, and the whole of an object.
      if (name === undefined && /^this\._\w+(\.internalValue)?$/.test(code)) return [];
      const capital = `${property.charAt(0).toUpperCase()}${property.slice(1)}`;
      const settable = new RegExp(`^ {4}(set ${property}|put${capital})\\(`, "m").test(body);
      const resettable = body.includes(`    reset${capital}() {`);
      const flags = !settable ? { computed: true } : resettable ? { optional: true } : { required: true };
      return [{ name, flags, code, made: own }];
    },
  );
}

type Mode = "single" | "list" | "set" | "map";

function nestedIn(classes: Classes, { className, unordered }: Made): { of: Class; mode: Mode } | undefined {
  const found = classes.get(className);
  if (found === undefined) return undefined;
  const mode =
    found.base === "ComplexList" ? (unordered ? "set" : "list") : found.base === "ComplexMap" ? "map" : "single";
  const of = mode === "single" ? found : classes.get(className.replace(/(List|Map)$/, "OutputReference"));
  return of === undefined ? undefined : { of, mode };
}

function blockType(name: string, mode: Mode, { required }: Property["flags"], block: Block): BlockType {
  // Every provider's timeouts are one object; other single blocks are lists of one.
  if (name === "timeouts") return { nesting_mode: "single", block };
  return {
    nesting_mode: mode === "single" ? "list" : mode,
    ...(mode === "single" ? { max_items: 1 } : {}),
    ...(required && mode !== "map" ? { min_items: 1 } : {}),
    block,
  };
}

function objectType({ attributes = {}, block_types: blocks = {} }: Block): CtyType {
  const own = Object.entries(attributes).map(([name, { type }]): [string, CtyType] => [name, type ?? "string"]);
  const nested = Object.entries(blocks).map(([name, { nesting_mode: nesting, block }]): [string, CtyType] => [
    name,
    nesting === "list" || nesting === "set" || nesting === "map" ? [nesting, objectType(block)] : objectType(block),
  ]);
  return ["object", Object.fromEntries([...own, ...nested])];
}

/** By what the accessor calls, the narrower first. */
const ACCESSORS: readonly [RegExp, CtyType][] = [
  [/getStringAttribute\(/, "string"],
  [/getNumberAttribute\(/, "number"],
  [/getBooleanAttribute\(/, "bool"],
  [/tolist\(this\.getNumberListAttribute\(/, ["set", "number"]],
  [/getNumberListAttribute\(/, ["list", "number"]],
  [/tolist\(this\.getListAttribute\(/, ["set", "string"]],
  [/getListAttribute\(/, ["list", "string"]],
  [/\.StringMapList\(/, ["list", ["map", "string"]]],
  [/\.StringListList\(/, ["list", ["list", "string"]]],
  [/\.NumberList\(/, ["list", "number"]],
  [/\.BooleanList\(/, ["list", "bool"]],
  [/\.StringMap\(|getStringMapAttribute\(/, ["map", "string"]],
  [/\.NumberMap\(|getNumberMapAttribute\(/, ["map", "number"]],
  [/\.BooleanMap\(|getBooleanMapAttribute\(/, ["map", "bool"]],
];

function plainType(code: string): CtyType | undefined {
  return ACCESSORS.find(([accessor]) => accessor.test(code))?.[1];
}
