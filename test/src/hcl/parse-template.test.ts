import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { raw } from "../../../src/hcl/build.ts";
import { parseTemplate } from "../../../src/hcl/parse-template.ts";

describe("parseTemplate", () => {
  it.each([
    ["plain text", ["plain text"]],
    ["", [""]],
    [`\${var.x}`, [raw("var.x")]],
    [`a-\${var.x}-\${var.y}`, ["a-", raw("var.x"), "-", raw("var.y")]],
    [`\${{ a = "}" }}`, [raw('{ a = "}" }')]],
    [`\${f("\${var.x}")}/`, [raw(`f("\${var.x}")`), "/"]],
    [`\${f("a\\"}")}`, [raw('f("a\\"}")')]],
    [`\${f("$\${x}")}`, [raw(`f("$\${x}")`)]],
    [`$\${aws:username} 100%%{x}`, [`\${aws:username} 100%{x}`]],
    ["$5", ["$5"]],
  ])("splits %j", (source, parts) => {
    expect(parseTemplate(source)).toEqual(parts);
  });

  it("takes off the braces that cdktf puts round a token inside an expression", () => {
    expect(parseTemplate(`\${toset(\${local.names})}`)).toEqual([raw("toset(local.names)")]);
  });

  it.each([
    [`%{if x}a%{endif}`, /directives/],
    [`\${var.x`, /not closed/],
    [`\${f("a)}`, /not closed/],
  ])("refuses %j", (source, message) => {
    expect(() => parseTemplate(source)).toThrow(message);
  });

  it("gives any text back that holds no template", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/[$%]\{/.test(text));

        expect(parseTemplate(text)).toEqual([text]);
      }),
    );
  });
});
