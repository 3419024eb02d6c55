import { type DataSourceBehaviour, type Problem, ProviderError } from "./behaviour.ts";
import { checkConfig } from "./check-config.ts";
import { dataState } from "./data-state.ts";
import { diagnostic } from "./diagnostic.ts";
import { type DynamicValue, decodeObject, encodeValue, knownPart } from "./dynamic-value.ts";
import type { ProviderOptions, Session } from "./provider-service.ts";
import type { Schema } from "./schema.ts";

interface ConfigRequest {
  type_name: string;
  config: DynamicValue | null;
}

/**
 * The methods of the plugin protocol for a provider's ephemeral resources: what they hold is in neither plan nor state.
 */
export class EphemeralService {
  readonly #options: Pick<ProviderOptions, "source" | "schema" | "record">;

  constructor(options: Pick<ProviderOptions, "source" | "schema" | "record">) {
    this.#options = options;
  }

  validate({ type_name: type, config }: ConfigRequest, session: Session): object {
    const values = decodeObject(config) ?? {};
    const problems: Problem[] = checkConfig(this.#schemaOf(type), [], values);
    if (this.#behaviourOf(type, session) === undefined) {
      problems.push({ summary: `The lab does not serve ephemeral.${type}` });
    }
    return { diagnostics: problems.map((problem) => diagnostic(problem)) };
  }

  async open({ type_name: type, config }: ConfigRequest, session: Session): Promise<object> {
    const values = decodeObject(config) ?? {};
    this.#options.record({ source: this.#options.source, action: "open", type, values: knownPart(values) });
    try {
      const found = (await this.#behaviourOf(type, session)?.read(knownPart(values))) ?? {};
      return { result: encodeValue(dataState(this.#schemaOf(type), type, values, found, session.context)) };
    } catch (error: unknown) {
      if (!(error instanceof ProviderError)) throw error;
      return { result: encodeValue(null), diagnostics: [diagnostic({ summary: error.message })] };
    }
  }

  #behaviourOf(type: string, { behaviour }: Session): DataSourceBehaviour | undefined {
    return behaviour.ephemeral?.[type];
  }

  #schemaOf(type: string): Schema {
    const schema = this.#options.schema.ephemeral_resource_schemas?.[type];
    if (schema === undefined) throw new Error(`${this.#options.source} has no ephemeral resource ${type}`);
    return schema;
  }
}
