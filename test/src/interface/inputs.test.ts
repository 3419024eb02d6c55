import { describe, expect, it } from "vitest";
import { MAX_NAME_PREFIX_LENGTH } from "../../../contract/names.ts";
import { generateTerraform } from "../../../src/generate-module.ts";
import { printExpression } from "../../../src/hcl/print-expression.ts";
import { INPUT_SECTIONS } from "../../../src/interface/inputs.ts";
import { OUTPUT_SECTIONS } from "../../../src/interface/outputs.ts";

const inputs = INPUT_SECTIONS.flatMap(({ entries }) => entries);
const names = new Set(inputs.map(({ name }) => name));
const references = (hcl: string) =>
  [...hcl.matchAll(/\bvar\.([a-z0-9_]+)/g)].flatMap(([, name]) => (name ? [name] : []));

describe("the inputs", () => {
  it("have a validation each, except those that can only be right", () => {
    const unchecked = inputs.filter(({ validations = [] }) => validations.length === 0).map(({ name }) => name);

    expect(unchecked).toEqual([
      "allow_fork_pull_requests",
      "manage_webhooks",
      "alarms_without_actions",
      "paused",
      "table_point_in_time_recovery",
    ]);
  });

  it("are validated by rules about themselves and about inputs that exist", () => {
    for (const { name, validations = [] } of inputs) {
      for (const { condition } of validations) {
        const referred = references(printExpression(condition));
        expect(referred, printExpression(condition)).toContain(name);
        expect(referred.filter((other) => !names.has(other))).toEqual([]);
      }
    }
  });

  it("are validated without a circle, which Terraform refuses", () => {
    const others = new Map(
      inputs.map(({ name, validations = [] }) => [
        name,
        new Set(
          validations
            .flatMap(({ condition }) => references(printExpression(condition)))
            .filter((other) => other !== name),
        ),
      ]),
    );

    const reached = (from: string, seen = new Set<string>()): Set<string> => {
      for (const other of others.get(from) ?? []) if (!seen.has(other)) reached(other, seen.add(other));
      return seen;
    };
    for (const name of others.keys()) expect([...reached(name)], name).not.toContain(name);
  });

  it("are refused with a sentence that names the input and ends", () => {
    for (const { name, validations = [] } of inputs) {
      for (const { errorMessage } of validations) {
        expect(errorMessage).toMatch(/\.$/);
        expect(errorMessage.startsWith(name) || errorMessage.startsWith("No scope is given"), errorMessage).toBe(true);
      }
    }
  });

  it("are refused without a word of the private key", () => {
    const [githubApp] = inputs;

    for (const { condition } of githubApp?.validations ?? []) {
      expect(printExpression(condition)).not.toContain("var.github_app.private_key");
    }
  });

  it("are all used", () => {
    const used = new Set(
      [...generateTerraform()].flatMap(([file, text]) => (file === "variables.tf" ? [] : references(text))),
    );

    expect([...names].filter((name) => !used.has(name))).toEqual([]);
  });

  it("stand in their sections by name", () => {
    for (const { title, entries } of [...INPUT_SECTIONS, ...OUTPUT_SECTIONS]) {
      const given = entries.map(({ name }) => name);
      expect(given, title).toEqual(given.toSorted());
    }
  });
});

describe("MAX_NAME_PREFIX_LENGTH", () => {
  it("leaves room in every name that the module makes", () => {
    const bounds: [RegExp, number][] = [
      [/^resource "aws_s3_bucket"/, 63],
      [/^resource "aws_iam_role"/, 64],
      [/^resource "aws_lambda_function"/, 64],
      [/^resource "awscc_lambda_microvm_image"/, 64],
      [/^resource "aws_sqs_queue"/, 80],
    ];
    const prefix = "p".repeat(MAX_NAME_PREFIX_LENGTH);
    const text = [...generateTerraform().values()]
      .join("\n")
      .replaceAll("local.build_role_name", `"${prefix}-build-01234567"`)
      .replaceAll("local.image_name", `"${prefix}-runner-01234567"`);

    for (const block of text.split(/^(?=resource )/m)) {
      const bound = bounds.find(([start]) => start.test(block))?.[1];
      const name = /^ {2}(?:name|function_name) += "([^"]*)"/m.exec(block)?.[1]?.replace(`\${var.name_prefix}`, prefix);
      if (bound !== undefined && name !== undefined) expect(name.length, name).toBeLessThanOrEqual(bound);
    }
    expect(`${prefix}-artifacts-123456789012`.length).toBeLessThanOrEqual(63);
    expect(`${prefix}-${Number.MAX_SAFE_INTEGER}-9999`.length).toBeLessThanOrEqual(64);
    expect(MAX_NAME_PREFIX_LENGTH).toBe(40);
  });
});
