import type { DataSourceBehaviour, Problem, ResourceBehaviour, Value, Values } from "./behaviour.ts";
import type { PlanValue, PlanValues } from "./dynamic-value.ts";
import type { Schema } from "./schema.ts";

/** Where a provider works: what its configuration and the lab's options say. */
export interface ProviderContext {
  account: string;
  partition: string;
  region: string;
  /** Tags that the provider's configuration adds to each resource. */
  defaultTags: Record<string, string>;
  /** GitHub's organization or user. */
  owner: string;
  /** Where Terraform runs, against which it gives relative paths; absent when it is not known. */
  workingDirectory?: string | undefined;
}

/** Says what is wrong with one attribute's value, in the words of the real provider; undefined when nothing is. */
export type Check = (value: Value, name: string) => string | undefined;

/**
 * What a real provider knows about a type beyond its schema. Names of nested attributes are dotted:
 * `configuration.url`.
 */
export interface TypeRules {
  /** What an attribute is when the configuration leaves it out. */
  defaults?: Readonly<Record<string, Value>>;
  checks?: Readonly<Record<string, Check | readonly Check[]>>;
  /** Sets of attributes of which at most one may be set. */
  conflicts?: readonly (readonly string[])[];
  /** Sets of attributes of which exactly one must be set. */
  exactlyOne?: readonly (readonly string[])[];
  /** Checks that no single attribute can be held to; unknown values are absent. */
  validate?: (config: Values) => Problem[];
  replacedBy?: readonly string[];
  volatile?: readonly string[];
  /** Attributes that hold JSON: another spelling of the same document is no change. */
  json?: readonly string[];
  /** Attributes that name a file; behaviours get absolute paths, and a missing file is the provider's error. */
  files?: readonly string[];
  /** Computed attributes that a plan knows already. */
  plan?: (planned: PlanValues, context: ProviderContext) => PlanValues;
  /** Computed attributes that only the service knows. `unique` differs between resources and stays with one. */
  computed?: Readonly<Record<string, (values: Values, context: ProviderContext, unique: string) => PlanValue>>;
}

/** What is known of all the types of one provider. */
export interface ProviderRules {
  types: Readonly<Record<string, TypeRules>>;
  dataSources: (context: ProviderContext) => Readonly<Record<string, DataSourceBehaviour>>;
  /** Behaviours that are the same with any service behind them. */
  resources?: Readonly<Record<string, ResourceBehaviour>>;
  /** Whether the provider is built on Terraform's older plugin SDK, whose plans may fill in defaults. */
  legacy: boolean;
  /** Rules that hold for every type which has the attributes. */
  common?: TypeRules;
  /**
   * What the provider really sends to its service, of what was planned; throws what the service would refuse it with.
   */
  request?: (schema: Schema, planned: Values) => Values;
}
