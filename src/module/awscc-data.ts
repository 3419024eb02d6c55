import { type ITerraformDependable, TerraformDataSource } from "cdktf";
import type { Construct } from "constructs";

export interface AwsccDataConfig {
  count?: number;
  /** The identifier of what is looked up; a list has none. */
  identifier?: string;
  dependsOn?: ITerraformDependable[];
}

/** A data source of the awscc provider: they take an identifier and nothing else, so they need no bindings. */
export class AwsccData extends TerraformDataSource {
  readonly #identifier: string | undefined;

  constructor(scope: Construct, id: string, type: `awscc_${string}`, { identifier, ...config }: AwsccDataConfig = {}) {
    super(scope, id, { terraformResourceType: type, ...config });
    this.#identifier = identifier;
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    return this.#identifier === undefined ? {} : { id: this.#identifier };
  }
}
