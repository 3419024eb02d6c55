import { type PlanValue, type PlanValues, sameValue, Unknown } from "./dynamic-value.ts";
import type { Block, Schema } from "./schema.ts";
import type { ProviderContext, TypeRules } from "./type-rules.ts";
import { mapAttributes, valueAt } from "./walk-schema.ts";

/** What Terraform asks a provider to plan. */
export interface Change {
  schema: Schema;
  /** The provider's common rules first, so that a type's own win. */
  rules: readonly TypeRules[];
  /** Null: it is to be created. */
  prior: PlanValues | null;
  /** The configuration, with computed attributes taken from `prior`. */
  proposed: PlanValues;
  config: PlanValues;
  context: ProviderContext;
}

export interface PlannedChange {
  planned: PlanValues;
  replacedBy: (string | number)[][];
}

/** Plans a creation or an update: fills in defaults, and marks as unknown what only the service will say. */
export function planChange(change: Change): PlannedChange {
  const { prior, rules, schema, context } = change;
  const settled = fillIn(change);
  for (const rule of rules) Object.assign(settled, rule.plan?.(settled, context));
  if (prior === null) return { planned: settled, replacedBy: [] };

  const kept = keepEquivalent(settled, prior, rules);
  const changed = Object.keys(kept).some((name) => !sameValue(kept[name], prior[name]));
  if (!changed) return { planned: kept, replacedBy: [] };
  return { planned: loosen(kept, change), replacedBy: replacements(schema.block, rules, prior, kept) };
}

function fillIn({ schema, rules, prior, proposed }: Change): PlanValues {
  return mapAttributes(schema.block, proposed, ({ attribute, path, name }, value) => {
    // Write-only values are for the service's eyes: no plan or state may hold them.
    if (attribute.write_only) return null;
    if (value !== null) return value;
    const preset = rules.map((rule) => rule.defaults?.[name]).findLast((each) => each !== undefined);
    if (preset !== undefined) return preset;
    const decidedByService = attribute.computed && (prior === null || isNewInside(path, proposed, prior));
    return decidedByService ? new Unknown() : value;
  });
}

/** Whether a nested attribute's surroundings were changed, so that the service decides anew what they leave out. */
function isNewInside(path: (string | number)[], proposed: PlanValues, prior: PlanValues): boolean {
  const [top] = path;
  return path.length > 1 && typeof top === "string" && !sameValue(proposed[top], prior[top]);
}

function keepEquivalent(planned: PlanValues, prior: PlanValues, rules: readonly TypeRules[]): PlanValues {
  const kept = { ...planned };
  for (const name of rules.flatMap((rule) => rule.json ?? [])) {
    const [before, after] = [prior[name], planned[name]];
    if (typeof before === "string" && typeof after === "string" && sameJson(before, after)) kept[name] = before;
  }
  return kept;
}

/** Whether two texts are the same JSON document, whatever their spacing and the order of their keys. */
export function sameJson(left: string, right: string): boolean {
  try {
    return sameValue(JSON.parse(left), JSON.parse(right));
  } catch {
    return left === right;
  }
}

function loosen(planned: PlanValues, { rules, config }: Change): PlanValues {
  const names = rules.flatMap((rule) => rule.volatile ?? []).filter((name) => name in planned && config[name] === null);
  return { ...planned, ...Object.fromEntries(names.map((name) => [name, new Unknown()])) };
}

function replacements(
  block: Block,
  rules: readonly TypeRules[],
  prior: PlanValues,
  planned: PlanValues,
): (string | number)[][] {
  const names = new Set(rules.flatMap((rule) => rule.replacedBy ?? []));
  const paths: (string | number)[][] = [];
  const compare = (path: (string | number)[], value: PlanValue) => {
    const name = path.filter((step) => typeof step === "string").join(".");
    if (!names.has(name) || sameValue(value, valueAt(prior, path) ?? null)) return;
    // Elements of a set have no address: the set itself is named.
    const firstIndex = isSet(block, path[0]) ? path.findIndex((step) => typeof step === "number") : -1;
    paths.push(firstIndex === -1 ? path : path.slice(0, firstIndex));
  };
  mapAttributes(block, planned, ({ path }, value) => {
    compare(path, value);
    return value;
  });
  for (const name of Object.keys(block.block_types ?? {})) compare([name], planned[name] ?? null);
  return paths;
}

function isSet(block: Block, name: string | number | undefined): boolean {
  if (typeof name !== "string") return false;
  const nesting = block.block_types?.[name]?.nesting_mode ?? block.attributes?.[name]?.nested_type?.nesting_mode;
  return nesting === "set";
}
