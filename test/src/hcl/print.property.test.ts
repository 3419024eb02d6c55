import { spawnSync } from "node:child_process";
import { parse } from "@cdktf/hcl2json";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attribute,
  because,
  blank,
  block,
  call,
  comment,
  conditional,
  forExpression,
  index,
  not,
  operation,
  ref,
  template,
} from "../../../src/hcl/build.ts";
import type { Body, Expression, Item, Operator } from "../../../src/hcl/model.ts";
import { printBody } from "../../../src/hcl/print.ts";
import { printExpression } from "../../../src/hcl/print-expression.ts";
import { expressionOf, jsonSyntax, label, plain, text } from "./arbitraries.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,14}$/);

describe("printBody, for any value", () => {
  it("prints what parses back to the same value", async () => {
    await fc.assert(
      fc.asyncProperty(plain, async (value) => {
        const printed = printBody([attribute("value", expressionOf(value))]);

        const parsed = await parse("property.tf", printed);

        expect(parsed.value, printed).toEqual(jsonSyntax(value));
      }),
      { numRuns: 500 },
    );
  });

  it("prints block labels that parse back to the same text", async () => {
    await fc.assert(
      fc.asyncProperty(label, async (text) => {
        const parsed = await parse("property.tf", printBody([block("resource", ["type", text], [])]));

        expect(parsed).toEqual({ resource: { type: { [text]: [{}] } } });
      }),
    );
  });
});

/** Expressions that are no plain values. */
const reference = name.map((attributeName) => ref(`var.${attributeName}`));
const operator = fc.constantFrom<Operator>("||", "&&", "==", "!=", ">", ">=", "<", "<=", "+", "-", "*", "/", "%");
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression; indexed: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthSize: "large" },
    reference,
    fc.tuple(name, fc.nat()).map(([attributeName, count]) => ref(`var.${attributeName}${"x".repeat(count % 60)}`)),
    plain.map(expressionOf),
    fc.array(fc.oneof(text, reference), { minLength: 1, maxLength: 4 }).map((parts) => template(...parts)),
    fc.tuple(name, fc.array(tie("any"), { maxLength: 3 })).map(([called, args]) => call(called, ...args)),
    fc
      .tuple(operator, fc.array(tie("any"), { minLength: 2, maxLength: 4 }))
      .map(([between, operands]) => operation(between, ...operands)),
    tie("any").map((operand) => not(operand)),
    fc.tuple(tie("any"), tie("any"), tie("any")).map((parts) => conditional(...parts)),
    fc.tuple(tie("indexed"), fc.oneof(reference, fc.nat(), text)).map((parts) => index(...parts)),
    fc
      .record(
        {
          key: fc.oneof(
            reference,
            text.map((each) => template(each)),
          ),
          value: tie("any"),
          when: tie("any"),
        },
        { requiredKeys: ["value"] },
      )
      .chain((parts) => fc.tuple(name, tie("any")).map(([item, of]) => forExpression([item], of, parts))),
  ),
  indexed: fc.oneof(
    reference,
    fc.tuple(name, fc.array(tie("any"), { maxLength: 3 })).map(([called, args]) => call(called, ...args)),
    fc.tuple(tie("any"), tie("any")).map(([left, right]) => operation("+", left, right)),
  ),
})).any;

/** What an expression says, without the lines, brackets and commas that only lay it out. */
const tokensOf = (parsed: unknown) =>
  String(parsed)
    .replace(/\s+|,(?=\s*[)\]}])/g, "")
    .replace(/[(),]/g, "");

describe("printBody, for any expression", () => {
  it("says over several lines what it says on one", async () => {
    await fc.assert(
      fc.asyncProperty(expressions, async (value) => {
        fc.pre(!["string", "number", "bool", "null", "list", "object", "template"].includes(value.kind));
        const flat = await parse("property.tf", `value = ${printExpression(value)}\n`).catch(() => undefined);
        // The parser computes what is constant, and fails where there is nothing to compute, as with 1 + null.
        if (flat === undefined) return;
        const broken = await parse("property.tf", printBody([attribute("value", value)]));

        expect(tokensOf(broken.value)).toBe(tokensOf(flat.value));
      }),
      { numRuns: 500 },
    );
  });
});

describe("printBody, for any body", () => {
  const items: fc.Arbitrary<Body> = fc.letrec<{ body: Body }>((tie) => ({
    body: fc
      .uniqueArray(
        fc.oneof(
          { maxDepth: 2 },
          fc.tuple(name, plain).map(([key, value]): Item => attribute(key, expressionOf(value))),
          fc.tuple(name, expressions).map(([key, value]): Item => attribute(key, value)),
          fc.tuple(name, plain).map(([key, value]): Item => attribute(key, because(expressionOf(value), "why"))),
          fc.stringMatching(/^[ -~]{0,30}$/).map((line): Item => comment(line)),
          fc.constant(blank),
          fc.tuple(name, label, tie("body")).map(([type, text, body]): Item => block(type, [text], body)),
        ),
        { maxLength: 6, selector: (item) => (item.kind === "attribute" ? item.name : item) },
      )
      // An empty line after the last item would have nothing to set apart.
      .map((body) => body.slice(0, body.findLastIndex((item) => item.kind !== "blank") + 1)),
  })).body;

  it("prints what terraform fmt leaves alone", () => {
    // One process for many bodies: starting terraform takes longer than formatting.
    const many = fc.array(items, { minLength: 100, maxLength: 100 });
    fc.assert(
      fc.property(many, (bodies) => {
        const printed = printBody(bodies.map((body, index) => block("sample", [String(index)], body)));

        const formatted = spawnSync("terraform", ["fmt", "-no-color", "-"], {
          input: printed,
          encoding: "utf8",
          env: { ...process.env, TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" },
        });

        expect(formatted.stderr).toBe("");
        expect(formatted.stdout).toBe(printed);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});
