/**
 * What a simulated provider does for one resource or data source type. The provider server knows schemas and the plugin
 * protocol; what a type means is given to it through these.
 */

/** A value as Terraform sees it; unknown values never reach a behaviour. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type Values = { [name: string]: Value };

export interface Problem {
  summary: string;
  detail?: string;
  /** Path to the attribute, outermost name first. */
  attribute?: (string | number)[];
}

/** An error of a behaviour that Terraform shows as the provider's own. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  /** What a creation that failed has put into the state all the same: Terraform keeps it as tainted. */
  readonly left: Values | undefined;

  constructor(message: string, left?: Values) {
    super(message);
    this.left = left;
  }
}

export interface ResourceBehaviour {
  /** The provider's own checks of the configuration; unknown values are absent. */
  validate?(config: Values): Problem[];
  /** Attributes whose change forces a replacement. */
  replacedBy?: readonly string[];
  /** Creates it and returns the attributes that only the service knows; the others keep what was planned. */
  create(planned: Values): Promise<Values> | Values;
  /** What the service says now; null when it is gone. Without it a refresh keeps the state. */
  read?(state: Values): Promise<Values | null> | Values | null;
  /** As `create`, for a change in place. */
  update?(planned: Values, prior: Values): Promise<Values> | Values;
  delete?(state: Values): Promise<void> | void;
  /** Computed attributes that an update may change: planned as unknown when anything else changes. */
  volatile?: readonly string[];
}

export interface DataSourceBehaviour {
  validate?(config: Values): Problem[];
  read(config: Values): Promise<Values> | Values;
}

export interface ProviderBehaviour {
  resources: Record<string, ResourceBehaviour>;
  dataSources?: Record<string, DataSourceBehaviour>;
  /** Ephemeral resources: opened in each run, in neither plan nor state. */
  ephemeral?: Record<string, DataSourceBehaviour>;
}

/** A provider block as Terraform configures it; unknown values are absent. */
export interface Configuration {
  /** The Region that it names, else the lab's own. */
  region: string;
  values: Values;
}

/** What stands behind one provider when that depends on how the provider is configured. */
export interface Backend {
  /** Answers what Terraform asks before it configures the provider: whether a configuration is valid. */
  readonly unconfigured: ProviderBehaviour;
  /** What stands behind one provider block; throws {@link ProviderError} when the real provider would refuse it. */
  configure(configuration: Configuration): Promise<ProviderBehaviour> | ProviderBehaviour;
}
