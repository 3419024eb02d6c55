import type { Problem, Value } from "./behaviour.ts";
import { isObject, knownPart, type PlanValue, type PlanValues, Unknown } from "./dynamic-value.ts";
import type { Block, Schema } from "./schema.ts";
import type { Check, TypeRules } from "./type-rules.ts";
import { mapAttributes } from "./walk-schema.ts";

/** Everything that a real provider would find wrong with a configuration before it calls its service. */
export function checkConfig(schema: Schema, rules: readonly TypeRules[], config: PlanValues): Problem[] {
  const known = knownPart(config);
  return [
    ...attributeProblems(schema.block, rules, config),
    ...blockCountProblems(schema.block, config, []),
    ...rules.flatMap((rule) => setProblems(rule, config)),
    ...rules.flatMap((rule) => rule.validate?.(known) ?? []),
  ];
}

function attributeProblems(block: Block, rules: readonly TypeRules[], config: PlanValues): Problem[] {
  const problems: Problem[] = [];
  mapAttributes(block, config, ({ attribute, path, name }, value) => {
    if (value !== null && attribute.computed && !attribute.optional && !attribute.required) {
      const summary = `Value for unconfigurable attribute`;
      const detail = `Can't configure a value for "${name}": its value will be decided automatically based on the result of applying this configuration.`;
      problems.push({ summary, detail, attribute: path });
    }
    if (value === null && attribute.required) {
      problems.push({
        summary: "Missing required argument",
        detail: `The argument "${name}" is required, but no definition was found.`,
        attribute: path,
      });
    }
    for (const check of rules.flatMap((rule) => checksOf(rule, name))) {
      const summary = failure(check, value, name);
      if (summary !== undefined) problems.push({ summary, attribute: path });
    }
    return value;
  });
  return problems;
}

function checksOf(rule: TypeRules, name: string): readonly Check[] {
  const checks = rule.checks?.[name] ?? [];
  return typeof checks === "function" ? [checks] : checks;
}

function failure(check: Check, value: PlanValue, name: string): string | undefined {
  if (value === null || value instanceof Unknown) return undefined;
  const known: Value | undefined = knownPart({ value }).value;
  return known === undefined || known === null ? undefined : check(known, name);
}

function blockCountProblems(block: Block, config: PlanValues, path: (string | number)[]): Problem[] {
  return Object.entries(block.block_types ?? {}).flatMap(([name, type]) => {
    const value = config[name] ?? null;
    if (value instanceof Unknown) return [];
    const here = [...path, name];
    const items: PlanValue[] = Array.isArray(value) ? value : isObject(value) ? [value] : [];
    const inner = items.flatMap((item, index) =>
      isObject(item) ? blockCountProblems(type.block, item, Array.isArray(value) ? [...here, index] : here) : [],
    );
    const { min_items: low = 0, max_items: high = 0 } = type;
    if (items.length < low) {
      return [
        ...inner,
        {
          summary: `Insufficient ${name} blocks`,
          detail: `At least ${low} "${name}" blocks are required.`,
          attribute: path,
        },
      ];
    }
    if (high > 0 && items.length > high) {
      return [
        ...inner,
        {
          summary: `Too many ${name} blocks`,
          detail: `No more than ${high} "${name}" blocks are allowed.`,
          attribute: here,
        },
      ];
    }
    return inner;
  });
}

function setProblems(rule: TypeRules, config: PlanValues): Problem[] {
  const isSet = (name: string) => config[name] !== null && config[name] !== undefined && !isEmptyList(config[name]);
  const both = [...(rule.conflicts ?? []), ...(rule.exactlyOne ?? [])].flatMap((names): Problem[] => {
    const [first, second] = names.filter((name) => isSet(name) && !(config[name] instanceof Unknown));
    if (first === undefined || second === undefined) return [];
    return [
      {
        summary: "Conflicting configuration arguments",
        detail: `"${first}": conflicts with ${second}`,
        attribute: [first],
      },
    ];
  });
  const none = (rule.exactlyOne ?? []).flatMap((names): Problem[] => {
    if (names.some(isSet)) return [];
    return [{ summary: "Invalid combination of arguments", detail: `one of \`${names.join(",")}\` must be specified` }];
  });
  return [...both, ...none];
}

function isEmptyList(value: PlanValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}
