import type { Expression } from "./model.ts";

/** The expression with others in the place of its references, where `replace` has one for a reference's path. */
export function substitute(value: Expression, replace: (path: string) => Expression | undefined): Expression {
  const within = (each: Expression) => substitute(each, replace);
  switch (value.kind) {
    case "reference":
      return replace(value.path) ?? value;
    case "list":
      return { ...value, items: value.items.map(within) };
    case "object":
      return { ...value, entries: value.entries.map((entry) => ({ ...entry, value: within(entry.value) })) };
    case "template":
      return { ...value, parts: value.parts.map((part) => (typeof part === "string" ? part : within(part))) };
    case "call":
      return { ...value, args: value.args.map(within) };
    case "operation":
      return { ...value, operands: value.operands.map(within) };
    case "not":
      return { ...value, operand: within(value.operand) };
    case "conditional":
      return {
        ...value,
        condition: within(value.condition),
        whenTrue: within(value.whenTrue),
        whenFalse: within(value.whenFalse),
      };
    case "index":
      return { ...value, object: within(value.object), key: within(value.key) };
    case "for":
      return {
        ...value,
        of: within(value.of),
        value: within(value.value),
        ...(value.key === undefined ? {} : { key: within(value.key) }),
        ...(value.when === undefined ? {} : { when: within(value.when) }),
      };
    case "explained":
      return { ...value, value: within(value.value) };
    case "string":
    case "number":
    case "bool":
    case "null":
      return value;
  }
}
