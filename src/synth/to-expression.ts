import type { Expression, ObjectEntry } from "../hcl/model.ts";
import { inReadingOrder } from "./reading-order.ts";

/** An expression among the plain values that a construct resolves to. */
export class Resolved {
  readonly expression: Expression;

  constructor(expression: Expression) {
    this.expression = expression;
  }
}

/** What cdktf says of one attribute or block. */
export interface Described {
  /** Absent: it was not set. */
  readonly value?: unknown;
  readonly isBlock?: boolean;
}

/** The expression of what `resolveHcl` gives; the attributes of a described object in reading order. */
export function toExpression(value: unknown): Expression {
  if (value instanceof Resolved) return value.expression;
  if (value === null) return { kind: "null" };
  switch (typeof value) {
    case "string":
      if (/[$%]\{/.test(value)) throw new Error(`a text with a template in it: build ${value} as an expression`);
      return { kind: "string", value };
    case "number":
      return { kind: "number", value };
    case "boolean":
      return { kind: "bool", value };
    case "object":
      if (Array.isArray(value)) return { kind: "list", items: value.map(toExpression) };
      return { kind: "object", entries: entriesOf(value) };
    default:
      throw new Error(`cdktf resolved to a ${typeof value}, which HCL does not have`);
  }
}

/** Whether it is an attribute or block with what cdktf says of it, not a value that a user of cdktf gave. */
export function isDescribed(member: unknown): member is Described {
  return typeof member === "object" && member !== null && "storageClassType" in member;
}

function entriesOf(value: object): ObjectEntry[] {
  const entries: [string, unknown][] = Object.entries(value);
  const isOfSchema = entries.some(([, member]) => isDescribed(member));
  const given = entries.flatMap(([key, member]): ObjectEntry[] => {
    const inner = isDescribed(member) ? member.value : member;
    return inner === undefined ? [] : [{ key, value: toExpression(inner) }];
  });
  return isOfSchema ? inReadingOrder(given, ({ key }) => key) : given;
}
