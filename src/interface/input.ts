import type { Expression, Literal } from "../hcl/model.ts";

/** One rule about an input: what must hold, and what to write where it does not. */
export interface Validation {
  /** True for a good value. */
  readonly condition: Expression;
  readonly errorMessage: string;
}

/** One documented input variable of the module. */
export interface Input {
  readonly name: string;
  readonly type: Expression;
  readonly description: string;
  /** Absent: the input is required. */
  readonly default?: Literal;
  /** Whether null says something of its own; otherwise null stands for the default. */
  readonly nullable?: true;
  readonly sensitive?: true;
  readonly validations?: readonly Validation[];
}

/** One documented output of the module. */
export interface Output {
  readonly name: string;
  readonly description: string;
  readonly value: Expression;
  readonly sensitive?: true;
}

/** Inputs or outputs that belong together, under one heading. */
export interface Section<Entry> {
  readonly title: string;
  readonly entries: readonly Entry[];
}
