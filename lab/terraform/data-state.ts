import type { Values } from "./behaviour.ts";
import { conformAttribute, emptyValue } from "./conform.ts";
import { type PlanValue, type PlanValues, Unknown } from "./dynamic-value.ts";
import type { Schema } from "./schema.ts";
import type { ProviderContext } from "./type-rules.ts";
import { mapAttributes } from "./walk-schema.ts";

/** What a data source's behaviour found, in the shape of its schema; what it does not say is made up. */
export function dataState(
  schema: Schema,
  type: string,
  config: PlanValues,
  found: Values,
  context: ProviderContext,
): PlanValue {
  const stray = Object.keys(found).find((name) => schema.block.attributes?.[name] === undefined);
  if (stray !== undefined) throw new Error(`data.${type} returned "${stray}", which is not in the provider's schema`);
  return mapAttributes(schema.block, config, ({ attribute, path }, value) => {
    const [name] = path;
    const given = path.length === 1 && typeof name === "string" ? found[name] : undefined;
    if (given !== undefined) return conformAttribute(attribute, given, `${type}.${name}`);
    if (value !== null && !(value instanceof Unknown)) return value;
    if (name === "region" && attribute.computed) return context.region;
    return attribute.computed && !attribute.optional ? emptyValue(attribute, `${type}-${String(name)}`) : null;
  });
}
