import { spawnSync } from "node:child_process";
import { parse } from "@cdktf/hcl2json";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attribute, blank, block, call, comment, heredoc, raw, template } from "../../../src/hcl/build.ts";
import type { Body, Expression, Item } from "../../../src/hcl/model.ts";
import { printBody } from "../../../src/hcl/print.ts";
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

  it("prints heredocs that parse back to the same lines", async () => {
    const lines = fc.array(fc.stringMatching(/^[ -~\t]{0,20}$/), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(lines, async (content) => {
        const value = `${content.join("\n")}\n`;
        fc.pre(!/[$%]{2,}\{/.test(value));

        const body = [block("a", [], [block("b", [], [attribute("value", heredoc(value))])])];
        const parsed = await parse("property.tf", printBody(body));

        expect(parsed).toEqual({ a: [{ b: [{ value: jsonSyntax(value) }] }] });
      }),
    );
  });
});

/** Expressions that are no plain values. */
const reference = name.map((attributeName) => raw(`var.${attributeName}`));
const argument = fc.oneof(plain.map(expressionOf), reference);
const expressions: fc.Arbitrary<Expression> = fc.oneof(
  reference,
  fc.array(fc.oneof(text, reference), { minLength: 1, maxLength: 4 }).map((parts) => template(...parts)),
  fc.tuple(name, fc.array(argument, { maxLength: 3 })).map(([called, args]) => call(called, ...args)),
  fc
    .array(fc.stringMatching(/^[a-z =\t]{0,20}$/), { minLength: 1, maxLength: 4 })
    .map((lines) => heredoc(`${lines.join("\n")}\n`)),
  fc.array(name, { maxLength: 3 }).map((names) => raw(`[\n${names.map((each) => `  var.${each},\n`).join("")}]`)),
);

describe("printBody, for any body", () => {
  const items: fc.Arbitrary<Body> = fc.letrec<{ body: Body }>((tie) => ({
    body: fc
      .uniqueArray(
        fc.oneof(
          { maxDepth: 2 },
          fc.tuple(name, plain).map(([key, value]): Item => attribute(key, expressionOf(value))),
          fc.tuple(name, expressions).map(([key, value]): Item => attribute(key, value)),
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
