import {
  type IResolvable,
  type IResolveContext,
  type ITokenResolver,
  Token,
  Tokenization,
  type TokenizedStringFragments,
} from "cdktf";
import type { IConstruct } from "constructs";
import { ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { HclToken } from "./hcl-token.ts";
import { Resolved, toExpression } from "./to-expression.ts";

/** What cdktf says of a construct, with a {@link Resolved} in place of all that is not a plain value. */
export function resolveHcl(scope: IConstruct, value: unknown): unknown {
  return Tokenization.resolve(value, { scope, resolver: RESOLVER });
}

/** Texts and interpolations in a row. */
class Parts {
  readonly all: readonly unknown[];

  constructor(all: readonly unknown[]) {
    this.all = all;
  }
}

const partsOf = (value: unknown): readonly unknown[] => (value instanceof Parts ? value.all : [value]);

class HclResolver implements ITokenResolver {
  resolveToken(token: IResolvable, context: IResolveContext): unknown {
    if (token instanceof HclToken) {
      return new Resolved(mapLeaves(token.expression, (leaf) => toExpression(context.resolve(leaf))));
    }
    const value: unknown = token.resolve(context);
    if (typeof value !== "string" || Token.isUnresolved(value)) return context.resolve(value);
    const reference = /^\$\{(.+)\}$/.exec(value)?.[1];
    return reference === undefined ? value : new Resolved(ref(reference));
  }

  resolveString(fragments: TokenizedStringFragments, context: IResolveContext): unknown {
    const joined: unknown = fragments.mapTokens(context).join({
      join: (left, right) => new Parts([...partsOf(left), ...partsOf(right)]),
    });
    if (!(joined instanceof Parts)) return joined;
    return new Resolved({
      kind: "template",
      parts: joined.all.map((part) => (typeof part === "string" ? part : toExpression(part))),
    });
  }

  resolveList(list: string[], context: IResolveContext): unknown {
    return context.resolve(Tokenization.reverseList(list));
  }

  resolveNumberList(list: number[], context: IResolveContext): unknown {
    return context.resolve(Tokenization.reverseNumberList(list));
  }

  resolveMap(map: Record<string, unknown>, context: IResolveContext): unknown {
    return context.resolve(Tokenization.reverseMap(map));
  }
}

const RESOLVER = new HclResolver();

/** The expression with each text or number in it that cdktf stands in for replaced. */
function mapLeaves(value: Expression, resolve: (leaf: string | number) => Expression): Expression {
  const map = (each: Expression) => mapLeaves(each, resolve);
  switch (value.kind) {
    case "string":
    case "number":
      return Token.isUnresolved(value.value) ? resolve(value.value) : value;
    case "list":
      return { ...value, items: value.items.map(map) };
    case "object":
      return { ...value, entries: value.entries.map((entry) => ({ ...entry, value: map(entry.value) })) };
    case "template":
      return { ...value, parts: value.parts.map((part) => (typeof part === "string" ? part : map(part))) };
    case "call":
      return { ...value, args: value.args.map(map) };
    case "operation":
      return { ...value, operands: value.operands.map(map) };
    case "not":
      return { ...value, operand: map(value.operand) };
    case "conditional":
      return {
        ...value,
        condition: map(value.condition),
        whenTrue: map(value.whenTrue),
        whenFalse: map(value.whenFalse),
      };
    case "index":
      return { ...value, object: map(value.object), key: map(value.key) };
    case "for":
      return {
        ...value,
        of: map(value.of),
        value: map(value.value),
        ...(value.key === undefined ? {} : { key: map(value.key) }),
        ...(value.when === undefined ? {} : { when: map(value.when) }),
      };
    case "explained":
      return { ...value, value: map(value.value) };
    default:
      return value;
  }
}
