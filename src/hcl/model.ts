/** HCL as data: what a file says, not how it looks. The printer decides on layout and escaping. */

/** Text with a meaning of its own: `code` is HCL and is printed as it stands, only indented. */
export interface Raw {
  readonly kind: "raw";
  readonly code: string;
}

/** A value that can stand right of an equals sign. */
export type Expression =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "null" }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly entries: readonly ObjectEntry[] }
  | Raw
  | { readonly kind: "template"; readonly parts: readonly (string | Raw)[] }
  | { readonly kind: "heredoc"; readonly text: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] };

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
