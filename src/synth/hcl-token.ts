import { type IResolvable, Token } from "cdktf";
import { expression } from "../hcl/build.ts";
import type { Expression, Literal } from "../hcl/model.ts";

/**
 * An expression in the place of a value of a construct. Its texts and numbers may themselves hold what cdktf stands in
 * for values.
 */
export class HclToken implements IResolvable {
  readonly creationStack: string[] = [];
  readonly expression: Expression;

  constructor(value: Literal) {
    this.expression = expression(value);
  }

  /** What cdktf itself would print; the module is printed by `resolveHcl` instead. */
  resolve(): never {
    throw new Error("an expression is resolved by src/synth only");
  }

  toString(): string {
    return Token.asString(this);
  }
}

/** The expression where a construct takes a text; it may be part of a longer one. */
export const asString = (value: Literal): string => Token.asString(new HclToken(value));
/** The expression where a construct takes a number. */
export const asNumber = (value: Literal): number => Token.asNumber(new HclToken(value));
/** The expression where a construct takes a list of texts. */
export const asList = (value: Literal): string[] => Token.asList(new HclToken(value));
/** The expression where a construct takes a map of texts. */
export const asStringMap = (value: Literal): Record<string, string> => Token.asStringMap(new HclToken(value));
/** The expression where a construct takes anything else, such as a boolean. */
export const asAny = (value: Literal): IResolvable => new HclToken(value);
