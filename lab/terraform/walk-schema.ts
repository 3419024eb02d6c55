import { isObject, type PlanValue, type PlanValues } from "./dynamic-value.ts";
import type { Attribute, Block, Nesting } from "./schema.ts";

/** Where a walk stands. */
export interface Spot {
  attribute: Attribute;
  /** With list indexes; a set has none that mean anything, so its elements are numbered as they came. */
  path: (string | number)[];
  /** The same without indexes and keys, joined by dots: `configuration.url`. */
  name: string;
}

/** Maps the attributes of a value, blocks and nested attributes included, outermost first. */
export function mapAttributes(
  block: Block,
  values: PlanValues,
  change: (spot: Spot, value: PlanValue) => PlanValue,
  path: (string | number)[] = [],
): PlanValues {
  const mapped: PlanValues = { ...values };
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    const here = [...path, name];
    const value = change({ attribute, path: here, name: dotted(here) }, values[name] ?? null);
    const nested = attribute.nested_type;
    mapped[name] =
      nested === undefined
        ? value
        : eachElement(nested.nesting_mode, value, here, (element, at) =>
            mapAttributes({ attributes: nested.attributes }, element, change, at),
          );
  }
  for (const [name, type] of Object.entries(block.block_types ?? {})) {
    mapped[name] = eachElement(type.nesting_mode, values[name] ?? null, [...path, name], (element, at) =>
      mapAttributes(type.block, element, change, at),
    );
  }
  return mapped;
}

function eachElement(
  nesting: Nesting,
  value: PlanValue,
  path: (string | number)[],
  change: (element: PlanValues, path: (string | number)[]) => PlanValues,
): PlanValue {
  if (Array.isArray(value)) {
    return value.map((element, index) => (isObject(element) ? change(element, [...path, index]) : element));
  }
  if (!isObject(value)) return value;
  if (nesting !== "map") return change(value, path);
  const entries = Object.entries(value).map(([key, element]) => [
    key,
    isObject(element) ? change(element, [...path, key]) : element,
  ]);
  return Object.fromEntries(entries);
}

function dotted(path: (string | number)[]): string {
  return path.filter((step) => typeof step === "string").join(".");
}

/** The value at a path, undefined where there is none. */
export function valueAt(value: PlanValue | undefined, path: readonly (string | number)[]): PlanValue | undefined {
  return path.reduce<PlanValue | undefined>((at, step) => {
    if (Array.isArray(at)) return typeof step === "number" ? at[step] : undefined;
    return isObject(at) ? at[step] : undefined;
  }, value);
}
