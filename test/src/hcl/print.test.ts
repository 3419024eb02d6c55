import { describe, expect, it } from "vitest";
import { attribute, blank, block, call, comment, expression, heredoc, raw, template } from "../../../src/hcl/build.ts";
import type { Body, Expression, Literal } from "../../../src/hcl/model.ts";
import { printBody, printExpression } from "../../../src/hcl/print.ts";

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
  ["a reference bare", raw("var.name"), "var.name"],
  ["a template", template("a-", raw("var.x"), "-b"), `"a-\${var.x}-b"`],
  ["a template of one reference bare", template(raw("var.x")), "var.x"],
  ["a template's text escaped", template('"', raw("var.x"), `\${y}`), `"\\"\${var.x}$\${y}"`],
  ["a dollar before an interpolation", template("$", raw("var.x")), `"\\u0024\${var.x}"`],
  ["texts of a template that make a sequence only together", template("$", "{x}"), `"$\${x}"`],
  ["a call", call("join", ",", raw("var.x")), 'join(",", var.x)'],
  ["a call without arguments", call("timestamp"), "timestamp()"],
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
    "a heredoc in one column with its neighbours",
    [attribute("long_name", 1), attribute("t", heredoc("a\nb\n")), attribute("z", 3)],
    "long_name = 1\nt         = <<-EOT\n  a\n  b\nEOT\nz         = 3\n",
  ],
  [
    "a heredoc with indented lines without indenting it",
    [block("a", [], [attribute("t", heredoc("  a\n\nEOT\n"))])],
    "a {\n  t = <<EOT_\n  a\n\nEOT\nEOT_\n}\n",
  ],
  [
    "a long list on several lines",
    [attribute("l", ["a".repeat(40), "b".repeat(40)])],
    `l = [\n  "${"a".repeat(40)}",\n  "${"b".repeat(40)}",\n]\n`,
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
    [attribute("m", call("merge", { a: 1 }, raw("var.x")))],
    "m = merge(\n  {\n    a = 1\n  },\n  var.x,\n)\n",
  ],
  [
    "keys quoted where they are no names",
    [attribute("o", { "a b": 1, "9": 2, for: 3, null: 4, 'q"': 5, "a-b": 6 })],
    'o = {\n  "9"    = 2\n  "a b"  = 1\n  "for"  = 3\n  "null" = 4\n  "q\\""  = 5\n  a-b    = 6\n}\n',
  ],
  [
    "an expression of several lines",
    [block("a", [], [attribute("x", raw("[\n  for y in z :\n  y\n]"))])],
    "a {\n  x = [\n    for y in z :\n    y\n  ]\n}\n",
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
  ["an empty expression", () => printExpression(raw(" ")), /must not be empty/],
  ["an interpolation of several lines", () => printExpression(template("a", raw("[\n1\n]"))), /one line/],
  ["half of a surrogate pair", () => printExpression(expression("\ud800")), /surrogate/],
  ["text that Terraform would normalise", () => printExpression(expression("e\u0301")), /normalise it/],
  ["a heredoc without a last line break", () => printExpression(heredoc("a")), /end with a newline/],
  ["a heredoc with control characters", () => printExpression(heredoc("\u0000\n")), /use a string/],
  ["a heredoc with an escaped escape", () => printExpression(heredoc(`$\${\n`)), /use a string/],
  ["a heredoc in a list", () => printExpression(expression([heredoc("a\n")])), /use a string here/],
  ["a comment with control characters", () => printBody([comment("a\u0000")]), /control characters/],
  [
    "an object with a key twice",
    () =>
      printExpression({
        kind: "object",
        entries: [
          { key: "a", value: raw("1") },
          { key: "a", value: raw("2") },
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
