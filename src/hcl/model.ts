/** HCL as data: what a file says, not how it looks. The printer decides on layout and escaping. */

/** A value that can stand right of an equals sign. */
export type Expression =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "null" }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly entries: readonly ObjectEntry[] }
  | { readonly kind: "reference"; readonly path: string }
  | { readonly kind: "template"; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "operation"; readonly operator: Operator; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | {
      readonly kind: "conditional";
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: "index"; readonly object: Expression; readonly key: Expression }
  | ForExpression
  | { readonly kind: "explained"; readonly value: Expression; readonly why: string };

/** `[for names in of : value if when]`, or with a key `{ for names in of : key => value if when }`. */
export interface ForExpression {
  readonly kind: "for";
  readonly names: readonly string[];
  readonly of: Expression;
  readonly key?: Expression;
  readonly value: Expression;
  readonly when?: Expression;
}

/** Stands between its operands, of which there are two or more. */
export type Operator = "||" | "&&" | "==" | "!=" | ">" | ">=" | "<" | "<=" | "+" | "-" | "*" | "/" | "%";

export interface ObjectEntry {
  readonly key: string;
  readonly value: Expression;
}

/** A line of a body: an attribute, a block, a comment, or an empty line between groups. */
export type Item =
  | { readonly kind: "attribute"; readonly name: string; readonly value: Expression }
  | { readonly kind: "block"; readonly type: string; readonly labels: readonly string[]; readonly body: Body }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "blank" };

export type Attribute = Extract<Item, { kind: "attribute" }>;
export type Block = Extract<Item, { kind: "block" }>;
export type Body = readonly Item[];

/** What {@link expression} turns into an expression by its JavaScript type. */
export type Literal =
  | string
  | number
  | boolean
  | null
  | Expression
  | readonly Literal[]
  | { readonly [key: string]: Literal | undefined };
