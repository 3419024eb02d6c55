import { describe, expect, it } from "vitest";
import {
  above,
  and,
  atLeast,
  atMost,
  attribute,
  because,
  below,
  blank,
  block,
  call,
  comment,
  conditional,
  equal,
  expression,
  forExpression,
  index,
  listFor,
  not,
  notEqual,
  operation,
  or,
  plus,
  ref,
  template,
  times,
} from "../../../src/hcl/build.ts";
import type { Body, Expression, Literal } from "../../../src/hcl/model.ts";
import { printBody } from "../../../src/hcl/print.ts";
import { printExpression } from "../../../src/hcl/print-expression.ts";

const [A, B, C] = [ref("a"), ref("b"), ref("c")];
/** A reference of that many characters. */
const wide = (columns: number) => ref("w".repeat(columns));

const values: readonly (readonly [string, Literal, string])[] = [
  ["a string", "text", '"text"'],
  ["an empty string", "", '""'],
  ["a string of digits as a string", "0", '"0"'],
  ["zero", 0, "0"],
  ["a negative number", -1.5, "-1.5"],
  ["a large number", 1e21, "1e+21"],
  ["false", false, "false"],
  ["null", null, "null"],
  ["an empty list", [], "[]"],
  ["an empty object", {}, "{}"],
  ["a short list on one line", ["a", 1, true], '["a", 1, true]'],
  ["a list of empty lists", [[], []], "[[], []]"],
  ["quotes and backslashes", 'say "a\\b"', '"say \\"a\\\\b\\""'],
  ["line breaks and tabs", "a\n\tb\r", '"a\\n\\tb\\r"'],
  ["other control characters", "a\u0000b\u2028", '"a\\u0000b\\u2028"'],
  ["an interpolation that is text", `\${x} %{y}`, `"$\${x} %%{y}"`],
  ["dollars before an interpolation that is text", `$\${x}`, `"\\u0024$\${x}"`],
  ["a lone dollar as it is", "$5 {x} 100%", '"$5 {x} 100%"'],
  ["a reference bare", ref("var.name"), "var.name"],
  ["a template", template("a-", ref("var.x"), "-b"), `"a-\${var.x}-b"`],
  ["a template of one reference bare", template(ref("var.x")), "var.x"],
  ["a template's text escaped", template('"', ref("var.x"), `\${y}`), `"\\"\${var.x}$\${y}"`],
  ["a dollar before an interpolation", template("$", ref("var.x")), `"\\u0024\${var.x}"`],
  ["texts of a template that make a sequence only together", template("$", "{x}"), `"$\${x}"`],
  ["a call", call("join", ",", ref("var.x")), 'join(",", var.x)'],
  ["a call without arguments", call("timestamp"), "timestamp()"],
  [
    "operators",
    and(or(A, B), not(C), atLeast(1, 2), atMost(1, 2), above(1, 2), below(1, 2)),
    "(a || b) && !c && 1 >= 2 && 1 <= 2 && 1 > 2 && 1 < 2",
  ],
  ["comparisons side by side", or(equal(A, null), notEqual(B, C)), "a == null || b != c"],
  ["arithmetic without needless brackets", plus(times(A, 2), operation("%", B, 3)), "a * 2 + b % 3"],
  ["arithmetic with brackets where order counts", operation("-", A, operation("-", B, C)), "a - (b - c)"],
  ["a negation of more than a name", not(and(A, B)), "!(a && b)"],
  ["a choice", conditional(A, 1, conditional(B, 2, 3)), "a ? 1 : b ? 2 : 3"],
  ["a choice among operands", equal(conditional(A, 1, 2), 1), "(a ? 1 : 2) == 1"],
  ["a choice that depends on one", conditional(conditional(A, B, C), 1, 2), "(a ? b : c) ? 1 : 2"],
  ["an element of a reference", index(A, 0), "a[0]"],
  ["an element of something longer", index(plus(A, B), "k"), '(a + b)["k"]'],
  ["a list made of a list", listFor("x", A, (x) => call("f", x)), "[for x in a : f(x)]"],
  [
    "a list made of a part of one",
    listFor(
      "x",
      A,
      (x) => x,
      (x) => notEqual(x, null),
    ),
    "[for x in a : x if x != null]",
  ],
  [
    "an object made of one",
    forExpression(["k", "v"], A, { key: ref("k"), value: { n: ref("v") } }),
    "{ for k, v in a : k => { n = v } }",
  ],
];

const bodies: readonly (readonly [string, Body, string])[] = [
  ["nothing for an empty body", [], ""],
  [
    "equals signs of neighbours in one column",
    [attribute("a", 1), attribute("long_name", 2)],
    "a         = 1\nlong_name = 2\n",
  ],
  [
    "no column across a value of several lines",
    [attribute("long_name", 1), attribute("o", { k: 1, key: 2 }), attribute("z", 3), attribute("yy", 4)],
    "long_name = 1\no = {\n  k   = 1\n  key = 2\n}\nz  = 3\nyy = 4\n",
  ],
  [
    "a long list on several lines",
    [attribute("l", ["a".repeat(60), "b".repeat(60)])],
    `l = [\n  "${"a".repeat(60)}",\n  "${"b".repeat(60)}",\n]\n`,
  ],
  ["a list of one object in one pair of lines", [attribute("l", [{ a: 1 }])], "l = [{\n  a = 1\n}]\n"],
  [
    "a list of objects",
    [attribute("l", [{ a: 1 }, { a: 2 }])],
    "l = [\n  {\n    a = 1\n  },\n  {\n    a = 2\n  },\n]\n",
  ],
  ["a call with an object", [attribute("j", call("jsonencode", { a: 1 }))], "j = jsonencode({\n  a = 1\n})\n"],
  [
    "a call with several arguments of several lines",
    [attribute("m", call("merge", { a: 1 }, ref("var.x")))],
    "m = merge(\n  {\n    a = 1\n  },\n  var.x,\n)\n",
  ],
  [
    "keys quoted where they are no names",
    [attribute("o", { "a b": 1, "9": 2, for: 3, null: 4, 'q"': 5, "a-b": 6 })],
    'o = {\n  "9"    = 2\n  "a b"  = 1\n  "for"  = 3\n  "null" = 4\n  "q\\""  = 5\n  a-b    = 6\n}\n',
  ],
  [
    "a long list of numbers in full lines",
    [
      attribute(
        "l",
        Array.from({ length: 30 }, (_, position) => 1_000 + position),
      ),
    ],
    `l = [\n  ${Array.from({ length: 19 }, (_, position) => `${1_000 + position},`).join(" ")}\n  ${Array.from({ length: 11 }, (_, position) => `${1_019 + position},`).join(" ")}\n]\n`,
  ],
  [
    "a long choice with its branches below each other",
    [attribute("x", conditional(equal(wide(50), 1), wide(60), [{ a: 1 }]))],
    `x = (\n  ${"w".repeat(50)} == 1\n  ? ${"w".repeat(60)}\n  : [{\n    a = 1\n  }]\n)\n`,
  ],
  [
    "a long choice that depends on one in brackets",
    [attribute("x", conditional(conditional(A, B, C), wide(60), wide(60)))],
    `x = (\n  (a ? b : c)\n  ? ${"w".repeat(60)}\n  : ${"w".repeat(60)}\n)\n`,
  ],
  [
    "a choice that depends on a long negation",
    [attribute("x", conditional(not(and(wide(70), wide(70))), 1, 2))],
    `x = (\n  (!(\n    ${"w".repeat(70)} &&\n    ${"w".repeat(70)}\n  ))\n  ? 1\n  : 2\n)\n`,
  ],
  [
    "long operations with an operand on each line, those inside in brackets of their own",
    [attribute("x", or(and(wide(70), wide(70)), C, and(A, or(A, B))))],
    `x = (\n  (\n    ${"w".repeat(70)} &&\n    ${"w".repeat(70)}\n  ) ||\n  c ||\n  a && (a || b)\n)\n`,
  ],
  [
    "a long negation",
    [attribute("x", not(and(wide(70), wide(70))))],
    `x = !(\n  ${"w".repeat(70)} &&\n  ${"w".repeat(70)}\n)\n`,
  ],
  [
    "an element of a long call",
    [attribute("x", index(call("f", wide(70), wide(70)), 0))],
    `x = f(\n  ${"w".repeat(70)},\n  ${"w".repeat(70)},\n)[0]\n`,
  ],
  [
    "a long list made of a list",
    [
      attribute(
        "x",
        listFor(
          "y",
          wide(60),
          () => wide(70),
          () => wide(70),
        ),
      ),
    ],
    `x = [\n  for y in ${"w".repeat(60)} :\n  ${"w".repeat(70)}\n  if ${"w".repeat(70)}\n]\n`,
  ],
  [
    "an object made of one that is written out",
    [attribute("x", forExpression(["k", "v"], { a: 1 }, { key: ref("k"), value: ref("v"), when: C }))],
    "x = {\n  for k, v in {\n    a = 1\n  } : k => v if c\n}\n",
  ],
  [
    "an object made of one, each with an object written out",
    [attribute("x", forExpression(["k", "v"], wide(100), { key: ref("k"), value: { a: wide(20) } }))],
    `x = {\n  for k, v in ${"w".repeat(100)} :\n  k => {\n    a = ${"w".repeat(20)}\n  }\n}\n`,
  ],
  ["a text too long for a line on one", [attribute("x", "y".repeat(150))], `x = "${"y".repeat(150)}"\n`],
  [
    "reasons above what they are given for",
    [attribute("aaa", 1), attribute("b", because(2, "Why b.\nReally.")), attribute("c", { d: because(3, "Why d.") })],
    "aaa = 1\n# Why b.\n# Really.\nb = 2\nc = {\n  # Why d.\n  d = 3\n}\n",
  ],
  [
    "blocks apart from their neighbours",
    [attribute("a", 1), block("b", ["x", "y"], []), block("c", [], [attribute("d", 1)]), attribute("e", 2)],
    'a = 1\n\nb "x" "y" {}\n\nc {\n  d = 1\n}\n\ne = 2\n',
  ],
  [
    "comments with what follows them",
    [attribute("a", 1), blank, comment("one\n\ntwo"), block("b", [], [comment("c"), attribute("d", 1)])],
    "a = 1\n\n# one\n#\n# two\nb {\n  # c\n  d = 1\n}\n",
  ],
  ["one empty line for several", [attribute("a", 1), blank, blank, attribute("bb", 2)], "a = 1\n\nbb = 2\n"],
  ["no member that is undefined", [attribute("o", { a: undefined, b: 1 })], "o = {\n  b = 1\n}\n"],
];

const refused: readonly (readonly [string, () => string, RegExp])[] = [
  ["a number that is not finite", () => printExpression(expression(Number.NaN)), /no number NaN/],
  ["an attribute that is no name", () => printBody([attribute("a b", 1)]), /attribute name "a b"/],
  ["a block type that is no name", () => printBody([block("", [], [])]), /block type ""/],
  ["a label with an interpolation", () => printBody([block("a", [`\${x}`], [])]), /block label/],
  ["a function that is no name", () => printExpression(call("a.b")), /function name/],
  ["a function that is no name, over lines", () => printBody([attribute("a", call("a.b", { c: 1 }))]), /function name/],
  ["an empty reference", () => printExpression(ref("")), /is no reference/],
  ["more than a reference as one", () => printExpression(ref("a + b")), /build it as an expression/],
  ["an operation of one operand", () => printExpression(and(A)), /two operands or more/],
  ["a reason inside an expression", () => printExpression(plus(because(1, "x"), 2)), /only an attribute/],
  ["half of a surrogate pair", () => printExpression(expression("\ud800")), /surrogate/],
  ["text that Terraform would normalise", () => printExpression(expression("e\u0301")), /normalise it/],
  ["a comment with control characters", () => printBody([comment("a\u0000")]), /control characters/],
  [
    "an object with a key twice",
    () =>
      printExpression({
        kind: "object",
        entries: [
          { key: "a", value: ref("one") },
          { key: "a", value: ref("two") },
        ],
      }),
    /given twice/,
  ],
  [
    "a kind that it does not know",
    () => printExpression({ kind: "set" } as unknown as Expression),
    /not an HCL expression/,
  ],
  ["a value that HCL does not have", () => printExpression(expression((() => 1) as unknown as Literal)), /a function/],
];

describe("printExpression", () => {
  it.each(values)("prints %s", (_, value, printed) => {
    expect(printExpression(expression(value))).toBe(printed);
  });
});

describe("printBody", () => {
  it.each(bodies)("prints %s", (_, body, printed) => {
    expect(printBody(body)).toBe(printed);
  });

  it.each(refused)("refuses %s", (_, print, message) => {
    expect(print).toThrow(message);
  });
});
