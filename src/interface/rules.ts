import type { Limit } from "../../contract/limits.ts";
import { raw } from "../hcl/build.ts";
import type { Validation } from "./input.ts";

/** A rule in HCL with the message for a value that breaks it. */
export function rule(condition: string, errorMessage: string): Validation {
  return { condition: raw(condition), errorMessage };
}

/** The value matches a regular expression (RE2); it must not contain a double quote. */
export function matches(value: string, pattern: string): string {
  return `can(regex("${pattern.replaceAll("\\", "\\\\")}", ${value}))`;
}

/** The value is a whole number within the bounds. */
export function wholeNumberWithin(value: string, { low, high }: Limit): string {
  return `${value} >= ${low} && ${value} <= ${high} && floor(${value}) == ${value}`;
}

/** Every item of a list satisfies a condition on `item`. */
export function every(list: string, item: string, condition: string): string {
  return `alltrue([for ${item} in ${list} : ${condition}])`;
}

/** No two items of a list are the same when case is ignored, as GitHub ignores it in labels and repository names. */
export function distinctIgnoringCase(list: string, item: string): string {
  return `length(distinct([for ${item} in ${list} : lower(${item})])) == length(${list})`;
}
