import type { Limit } from "../../contract/limits.ts";
import { and, atLeast, atMost, call, equal, listFor, not, or } from "../hcl/build.ts";
import type { Expression, Literal } from "../hcl/model.ts";
import type { Validation } from "./input.ts";

/** What must hold for an input, with the message for a value that breaks it. */
export function rule(condition: Expression, errorMessage: string): Validation {
  return { condition, errorMessage };
}

/** The value is null, or one of the conditions holds. */
export function nullOr(value: Expression, ...conditions: Expression[]): Expression {
  return or(equal(value, null), ...conditions);
}

/** The value matches a regular expression (RE2). */
export function matches(value: Literal, pattern: string): Expression {
  return call("can", call("regex", pattern, value));
}

/** The text, or null, is printable, but for tabs and ends of lines: no process takes NUL, and files and logs show the others to nobody. */
export function isPrintable(text: Literal): Expression {
  return not(matches(text, String.raw`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`));
}

/** The value is a whole number within the bounds. */
export function wholeNumberWithin(value: Expression, { low, high }: Limit): Expression {
  return and(atLeast(value, low), atMost(value, high), equal(call("floor", value), value));
}

/** Every item of a list satisfies a condition; `name` is what the item is called in it. */
export function every(list: Literal, name: string, condition: (item: Expression) => Literal): Expression {
  return call("alltrue", listFor(name, list, condition));
}

/** No two items of a list are the same when case is ignored, as GitHub ignores it in labels and repository names. */
export function distinctIgnoringCase(list: Expression, name: string): Expression {
  const lower = listFor(name, list, (item) => call("lower", item));
  return equal(call("length", call("distinct", lower)), call("length", list));
}
