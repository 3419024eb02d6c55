import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { ProviderError, type ResourceBehaviour, type Value, type Values } from "./behaviour.ts";
import { conformAttribute, conformObject, emptyValue } from "./conform.ts";
import { hasUnknown, isObject, knownPart, type PlanValue, type PlanValues, Unknown } from "./dynamic-value.ts";
import type { Block, Schema } from "./schema.ts";
import type { ProviderContext, TypeRules } from "./type-rules.ts";
import { mapAttributes, valueAt } from "./walk-schema.ts";

/** What Terraform asks a provider to apply, and what carries it out. */
export interface Application {
  type: string;
  schema: Schema;
  rules: readonly TypeRules[];
  /** Absent: nothing stands behind the type, and computed values are made up. */
  behaviour: ResourceBehaviour | undefined;
  request: (planned: Values) => Values;
  context: ProviderContext;
  /** Tells apart resources that are configured alike. */
  serial: string;
}

/** Creates or updates a resource and returns its new state, in which nothing is unknown. */
export async function applyChange(
  application: Application,
  prior: PlanValues | null,
  planned: PlanValues,
  config: PlanValues,
): Promise<PlanValues> {
  const { schema, behaviour, request, type } = application;
  const wanted = request(withFiles(application, withWriteOnly(schema, planned, config)));
  let answer: Values = {};
  if (prior === null) answer = (await behaviour?.create(wanted)) ?? {};
  else if (behaviour?.update !== undefined)
    answer = await behaviour.update(wanted, withFiles(application, knownPart(prior)));
  assertKnownNames(schema.block, answer, type);
  return settle(application, planned, answer);
}

function withWriteOnly(schema: Schema, planned: PlanValues, config: PlanValues): Values {
  const whole = mapAttributes(schema.block, planned, ({ attribute, path }, value) =>
    attribute.write_only ? (valueAt(config, path) ?? null) : value,
  );
  return knownPart(whole);
}

function withFiles({ rules, context }: Application, values: Values): Values {
  const { workingDirectory } = context;
  const found = rules
    .flatMap((rule) => rule.files ?? [])
    .flatMap((name): [string, Value][] => {
      const given = values[name];
      if (typeof given !== "string" || given === "" || (workingDirectory === undefined && !isAbsolute(given)))
        return [];
      const path = resolve(workingDirectory ?? "/", given);
      if (!existsSync(path))
        throw new ProviderError(`unable to load "${given}": open ${path}: no such file or directory`);
      return [[name, path]];
    });
  return { ...values, ...Object.fromEntries(found) };
}

function assertKnownNames(block: Block, answer: Values, type: string): void {
  const stray = Object.keys(answer).find(
    (name) => !(name in (block.attributes ?? {}) || name in (block.block_types ?? {})),
  );
  if (stray !== undefined)
    throw new Error(`the lab's ${type} returned "${stray}", which is not in the provider's schema`);
}

/**
 * Replaces each unknown by what the service answered, else by what the real service would answer, as far as rules know.
 */
export function settle(application: Application, planned: PlanValues, answer: Values): PlanValues {
  const { schema, rules, context, serial, type } = application;
  const unique = createHash("sha256").update(serial).digest("hex");
  let state = planned;
  for (const [name, attribute] of Object.entries(schema.block.attributes ?? {})) {
    const given = answer[name];
    if (given === undefined || !hasUnknown(state[name])) continue;
    state = { ...state, [name]: conformAttribute(attribute, given, `${type}.${name}`) };
  }
  // One value may be made of another (a URL of an id), so what is known grows in the order in which the rules name
  // them.
  for (const [name, compute] of rules.flatMap((rule) => Object.entries(rule.computed ?? {}))) {
    if (!(state[name] instanceof Unknown)) continue;
    const made = compute(knownPart(state), context, unique);
    const attribute = schema.block.attributes?.[name];
    if (attribute !== undefined) state = { ...state, [name]: conformAttribute(attribute, made, `${type}.${name}`) };
  }
  return mapAttributes(schema.block, state, ({ attribute, path, name }, value) => {
    if (!(value instanceof Unknown)) return value;
    const given = valueAt(answer, path);
    if (given !== undefined) return conformAttribute(attribute, given, `${type}.${name}`);
    if (attribute.optional) return null;
    return conformAttribute(attribute, emptyValue(attribute, `${path.at(-1)}-${unique.slice(0, 12)}`), name);
  });
}

/** The state after a refresh: what the service says now over what was known; null when the resource is gone. */
export async function refresh(
  application: Omit<Application, "serial" | "request">,
  state: PlanValues,
  same: (name: string, before: PlanValue, after: PlanValue) => boolean,
): Promise<PlanValues | null> {
  const { behaviour, schema, type } = application;
  const found = behaviour?.read === undefined ? {} : await behaviour.read(knownPart(state));
  if (found === null) return null;
  assertKnownNames(schema.block, found, type);
  const whole = conformObject(schema.block, { ...state, ...found }, type);
  const kept = Object.entries(whole).map(([name, after]): [string, PlanValue] => {
    const before = state[name] ?? null;
    return [name, same(name, before, after) ? before : after];
  });
  return Object.fromEntries(kept);
}

/** A state of an older schema version or of a state file, in the shape of the schema as it is. */
export function upgradeState(schema: Schema, type: string, raw: Value): PlanValue {
  if (!isObject(raw)) return null;
  const names = new Set([
    ...Object.keys(schema.block.attributes ?? {}),
    ...Object.keys(schema.block.block_types ?? {}),
  ]);
  const kept = Object.entries(raw).filter(([name]) => names.has(name));
  return conformObject(schema.block, Object.fromEntries(kept), type);
}
