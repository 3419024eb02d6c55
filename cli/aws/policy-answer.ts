import * as v from "valibot";
import type { PolicyStatement } from "../core/judge-url-policy.ts";

const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === "string" ? [value] : value)),
);
// JSON's own booleans stand for their text in a condition.
const values = v.pipe(
  v.union([v.string(), v.boolean(), v.array(v.union([v.string(), v.boolean()]))]),
  v.transform((value) => (Array.isArray(value) ? value : [value]).map(String)),
);

const statement = v.pipe(
  v.object({
    Effect: v.optional(v.string(), "Allow"),
    Principal: v.unknown(),
    Action: oneOrMore,
    Condition: v.optional(v.record(v.string(), v.record(v.string(), values)), {}),
  }),
  v.transform(({ Effect, Principal, Action, Condition }): PolicyStatement => {
    const entries = Object.values(Condition).flatMap((byKey) => Object.entries(byKey));
    return {
      effect: Effect,
      anybody: isAnybody(Principal),
      actions: Action,
      conditions: Object.fromEntries(entries.map(([key, value]) => [key.toLowerCase(), value])),
    };
  }),
);

/** The answer of GetPolicy, whose policy is a document in a text. */
export const policyAnswer = v.pipe(
  v.object({ Policy: v.pipe(v.string(), v.parseJson(), v.object({ Statement: v.array(statement) })) }),
  v.transform(({ Policy }) => ({ Policy: Policy.Statement })),
);

function isAnybody(principal: unknown): boolean {
  if (principal === "*") return true;
  return typeof principal === "object" && principal !== null && "AWS" in principal && principal.AWS === "*";
}
