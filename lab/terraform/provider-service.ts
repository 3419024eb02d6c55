import { randomUUID } from "node:crypto";
import { type Application, applyChange, refresh, settle, upgradeState } from "./apply-change.ts";
import {
  type DataSourceBehaviour,
  type Problem,
  type ProviderBehaviour,
  ProviderError,
  type ResourceBehaviour,
  type Values,
} from "./behaviour.ts";
import { checkConfig } from "./check-config.ts";
import { conformObject } from "./conform.ts";
import { dataState } from "./data-state.ts";
import { diagnostic, wirePath } from "./diagnostic.ts";
import { decodeObject, encodeValue, knownPart, type PlanValue, type PlanValues } from "./dynamic-value.ts";
import type { ProviderName } from "./load-schema.ts";
import { type MadeUpTypes, madeUpAnswer, madeUpRules } from "./made-up/made-up-types.ts";
import { planChange, sameJson } from "./plan-change.ts";
import type {
  ApplyRequest,
  ConfigRequest,
  PlanRequest,
  ReadRequest,
  TypedRequest,
  UpgradeRequest,
} from "./requests.ts";
import type { ProviderSchema, Schema } from "./schema.ts";
import type { ProviderContext, ProviderRules, TypeRules } from "./type-rules.ts";
import { wireSchema } from "./wire-schema.ts";

/** One call that Terraform made about a resource or data source. */
export interface Call {
  /** Such as `hashicorp/aws`. */
  source: string;
  action: "create" | "update" | "delete" | "read" | "plan" | "read-data" | "import" | "open";
  type: string;
  /** What was asked for; unknown and write-only values are absent. */
  values: Values;
}

export interface ProviderOptions {
  name: ProviderName;
  source: string;
  /** Grows by what `madeUp` finds. */
  schema: ProviderSchema;
  rules: ProviderRules;
  /** A type that nothing stands behind is an error instead of made-up values. */
  strict: boolean;
  /** Finds schemas of further types, and keeps count of what was made up. */
  madeUp: MadeUpTypes | undefined;
  record: (call: Call) => void;
}

/** One configuration of a provider: Terraform opens a connection for each. */
export interface Session {
  context: ProviderContext;
  behaviour: ProviderBehaviour;
}

const CAPABILITIES = { plan_destroy: true, get_provider_schema_optional: true };

/** The methods of the plugin protocol for one provider; `session` is that of the connection which calls. */
export class ProviderService {
  readonly #options: ProviderOptions;

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  async getMetadata(): Promise<object> {
    const { name, schema, madeUp } = this.#options;
    await madeUp?.extend(name, schema);
    const named = (schemas: Record<string, Schema>) => Object.keys(schemas).map((type_name) => ({ type_name }));
    return {
      server_capabilities: CAPABILITIES,
      resources: named(schema.resource_schemas),
      data_sources: named(schema.data_source_schemas),
      ephemeral_resources: named(schema.ephemeral_resource_schemas ?? {}),
    };
  }

  async getProviderSchema(): Promise<object> {
    const { name, schema, madeUp } = this.#options;
    await madeUp?.extend(name, schema);
    const wire = (schemas: Record<string, Schema>) =>
      Object.fromEntries(Object.entries(schemas).map(([type, each]) => [type, wireSchema(each)]));
    return {
      provider: wireSchema(schema.provider),
      resource_schemas: wire(schema.resource_schemas),
      data_source_schemas: wire(schema.data_source_schemas),
      ephemeral_resource_schemas: wire(schema.ephemeral_resource_schemas ?? {}),
      server_capabilities: CAPABILITIES,
    };
  }

  validateResource({ type_name: type, config }: ConfigRequest, { behaviour: served }: Session): object {
    const schema = this.#resourceSchema(type);
    const values = decodeObject(config) ?? {};
    const problems: Problem[] = checkConfig(schema, this.#rulesOf(type, served), values);
    const behaviour = this.#behaviourOf(type, served);
    if (behaviour === undefined && this.#options.strict) problems.push(this.#unserved(type));
    problems.push(...(behaviour?.validate?.(knownPart(values)) ?? []));
    return { diagnostics: problems.map((problem) => diagnostic(problem)) };
  }

  validateDataSource({ type_name: type, config }: ConfigRequest, session: Session): object {
    const values = decodeObject(config) ?? {};
    const problems: Problem[] = checkConfig(this.#dataSchema(type), [], values);
    const behaviour = this.#dataBehaviourOf(type, session);
    if (behaviour === undefined && this.#options.strict) problems.push(this.#unserved(`data.${type}`));
    problems.push(...(behaviour?.validate?.(knownPart(values)) ?? []));
    return { diagnostics: problems.map((problem) => diagnostic(problem)) };
  }

  upgradeState({ type_name: type, raw_state: raw }: UpgradeRequest): object {
    const text = Buffer.from(raw?.json ?? []).toString("utf8");
    return { upgraded_state: encodeValue(upgradeState(this.#resourceSchema(type), type, JSON.parse(text || "null"))) };
  }

  async read(request: ReadRequest, session: Session): Promise<object> {
    const type = request.type_name;
    const state = decodeObject(request.current_state);
    if (state === null) return { new_state: encodeValue(null), private: request.private };
    this.#record("read", type, state);
    const json = new Set(this.#rulesOf(type, session.behaviour).flatMap((rule) => rule.json ?? []));
    const same = (name: string, before: PlanValue, after: PlanValue) =>
      json.has(name) && typeof before === "string" && typeof after === "string" && sameJson(before, after);
    try {
      const found = await refresh(this.#application(type, session), state, same);
      return { new_state: encodeValue(found), private: request.private };
    } catch (error: unknown) {
      return {
        new_state: request.current_state,
        private: request.private,
        diagnostics: [failed(error, type, "reading")],
      };
    }
  }

  plan(request: PlanRequest, session: Session): object {
    const type = request.type_name;
    const prior = decodeObject(request.prior_state);
    const proposed = decodeObject(request.proposed_new_state);
    if (proposed === null) return { planned_state: request.proposed_new_state, planned_private: request.prior_private };
    const { planned, replacedBy } = planChange({
      schema: this.#resourceSchema(type),
      rules: this.#rulesOf(type, session.behaviour),
      prior,
      proposed,
      config: decodeObject(request.config) ?? {},
      context: session.context,
    });
    this.#record("plan", type, planned);
    if (this.#behaviourOf(type, session.behaviour) === undefined) this.#options.madeUp?.note(type);
    return {
      planned_state: encodeValue(planned),
      planned_private: prior === null ? Buffer.from(JSON.stringify({ serial: randomUUID() })) : request.prior_private,
      requires_replace: replacedBy.map(wirePath),
      legacy_type_system: this.#options.rules.legacy,
    };
  }

  async apply(request: ApplyRequest, session: Session): Promise<object> {
    const type = request.type_name;
    const prior = decodeObject(request.prior_state);
    const planned = decodeObject(request.planned_state);
    const action = planned === null ? "delete" : prior === null ? "create" : "update";
    this.#record(action, type, planned ?? prior ?? {});
    try {
      if (planned === null) {
        await this.#behaviourOf(type, session.behaviour)?.delete?.(knownPart(prior ?? {}));
        return { new_state: encodeValue(null) };
      }
      const application = {
        ...this.#application(type, session),
        serial: this.#madeUpSerial(type, session, prior, planned) ?? serialOf(request.planned_private),
      };
      const state = await applyChange(application, prior, planned, decodeObject(request.config) ?? {});
      const legacy_type_system = this.#options.rules.legacy;
      return { new_state: encodeValue(state), private: request.planned_private, legacy_type_system };
    } catch (error: unknown) {
      const doing = { create: "creating", update: "updating", delete: "deleting" }[action];
      const left = error instanceof ProviderError && action === "create" ? error.left : undefined;
      const kept = left === undefined ? prior : conformObject(this.#resourceSchema(type).block, left, type);
      return {
        new_state: encodeValue(kept),
        private: request.planned_private,
        diagnostics: [failed(error, type, doing)],
      };
    }
  }

  /** What a look at the service would find, as far as rules know; Terraform refreshes it right after. */
  import({ type_name: type, id }: TypedRequest & { id: string }, session: Session): object {
    const { block } = this.#resourceSchema(type);
    const named = ["id", "name", "function_name", "bucket"].filter(
      (name) => block.attributes?.[name]?.type === "string",
    );
    this.#record("import", type, { id });
    const bare = conformObject(block, Object.fromEntries(named.map((name) => [name, id])), type);
    const application = { ...this.#application(type, session), serial: randomUUID() };
    const { planned } = planChange({ ...application, prior: null, proposed: bare, config: bare });
    const ours = Buffer.from(JSON.stringify({ serial: application.serial }));
    const state = encodeValue(settle(application, planned, {}));
    return { imported_resources: [{ type_name: type, state, private: ours }] };
  }

  async readData({ type_name: type, config }: ConfigRequest, session: Session): Promise<object> {
    const values = decodeObject(config) ?? {};
    const schema = this.#dataSchema(type);
    this.#record("read-data", type, values);
    try {
      const behaviour = this.#dataBehaviourOf(type, session);
      const found = (await behaviour?.read(knownPart(values))) ?? this.#madeUpAnswer(schema, type, values, session);
      return { state: encodeValue(dataState(schema, type, values, found, session.context)) };
    } catch (error: unknown) {
      return { state: encodeValue(null), diagnostics: [failed(error, `data.${type}`, "reading")] };
    }
  }

  #application(type: string, { context, behaviour }: Session): Omit<Application, "serial"> {
    const schema = this.#resourceSchema(type);
    const { request } = this.#options.rules;
    return {
      type,
      schema,
      rules: this.#rulesOf(type, behaviour),
      behaviour: this.#behaviourOf(type, behaviour),
      request: (planned) => request?.(schema, planned) ?? planned,
      context,
    };
  }

  #behaviourOf(type: string, { resources }: ProviderBehaviour): ResourceBehaviour | undefined {
    return resources[type] ?? this.#options.rules.resources?.[type];
  }

  #dataBehaviourOf(type: string, { context, behaviour }: Session): DataSourceBehaviour | undefined {
    return behaviour.dataSources?.[type] ?? this.#options.rules.dataSources(context)[type];
  }

  /** The provider's common rules, the type's own, then what the behaviour adds to them. */
  #rulesOf(type: string, behaviour: ProviderBehaviour): TypeRules[] {
    const { rules, madeUp } = this.#options;
    const { replacedBy = [], volatile = [] } = behaviour.resources[type] ?? {};
    const known = [rules.common ?? {}, rules.types[type] ?? {}, { replacedBy, volatile }];
    return madeUp === undefined || this.#behaviourOf(type, behaviour) !== undefined
      ? known
      : [...known, madeUpRules(type)];
  }

  #madeUpAnswer(schema: Schema, type: string, values: PlanValues, { context }: Session): Values {
    this.#options.madeUp?.note(`data.${type}`);
    return this.#options.madeUp === undefined ? {} : madeUpAnswer(schema, type, values, context);
  }

  /** Of a resource that is created and behind which nothing stands. */
  #madeUpSerial(type: string, { behaviour }: Session, prior: PlanValues | null, planned: PlanValues) {
    const { madeUp } = this.#options;
    if (prior !== null || this.#behaviourOf(type, behaviour) !== undefined) return undefined;
    return madeUp?.serial(type, planned);
  }

  #unserved(type: string): Problem {
    const { source } = this.#options;
    return {
      summary: `The lab does not serve ${type}`,
      detail: `The provider ${source} runs strictly and has no behaviour for ${type}: give it one in the lab.`,
    };
  }

  #resourceSchema(type: string): Schema {
    const schema = this.#options.schema.resource_schemas[type];
    if (schema === undefined) throw new Error(`${this.#options.source} has no resource type ${type}`);
    return schema;
  }

  #dataSchema(type: string): Schema {
    const schema = this.#options.schema.data_source_schemas[type];
    if (schema === undefined) throw new Error(`${this.#options.source} has no data source ${type}`);
    return schema;
  }

  #record(action: Call["action"], type: string, values: PlanValues): void {
    this.#options.record({ source: this.#options.source, action, type, values: knownPart(values) });
  }
}

function serialOf(ours: Uint8Array): string {
  const kept: unknown = JSON.parse(Buffer.from(ours).toString("utf8") || "{}");
  const serial = typeof kept === "object" && kept !== null && "serial" in kept ? kept.serial : undefined;
  return typeof serial === "string" ? serial : randomUUID();
}

function failed(error: unknown, type: string, doing: string): object {
  if (error instanceof ProviderError) return diagnostic({ summary: error.message });
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return diagnostic({ summary: `The lab failed while ${doing} ${type}`, detail: text });
}
