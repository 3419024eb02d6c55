import { describe, expect, it } from "vitest";
import { printTables } from "../../../src/docs/print-tables.ts";
import { block, call, ref } from "../../../src/hcl/build.ts";
import type { Input } from "../../../src/interface/input.ts";

const input = (name: string, more: Partial<Input> = {}): Input => ({
  name,
  type: ref("string"),
  description: "One.",
  ...more,
});
const rowOf = (given: Input) =>
  printTables({ inputs: [given], outputs: [], items: [] })
    .split("\n")
    .find((line) => line.startsWith('| <a name="input_'));

describe("printTables", () => {
  it("prints every section, required inputs first, resources before data sources, all by name", () => {
    const printed = printTables({
      inputs: [input("b_c", { default: 1 }), input("a", { default: null }), input("z")],
      outputs: [
        { name: "url", description: "Where it is.", value: ref("local.url") },
        { name: "arn", description: "What it is.", value: ref("local.arn") },
      ],
      items: [
        block("data", ["aws_region", "current"], []),
        block("locals", [], []),
        block("resource", ["github_repository_webhook", "runner"], []),
        { kind: "blank" },
        block("resource", ["aws_sqs_queue", "jobs"], []),
      ],
    });

    expect(printed).toMatch(
      /^## Requirements\n\n\| Name \| Version \|\n\| ---- \| ------- \|\n\| <a name="requirement_terraform">/,
    );
    expect(printed.slice(printed.indexOf("## Providers"), printed.indexOf('| <a name="input_a'))).toBe(
      `## Providers

| Name | Version |
| ---- | ------- |
${/\| <a name="provider_aws">.*\n/.exec(printed)?.[0] ?? ""}${/\| <a name="provider_github">.*\n/.exec(printed)?.[0] ?? ""}
## Modules

No modules.

## Resources

| Name | Type |
| ---- | ---- |
| [aws_sqs_queue.jobs](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sqs_queue) | resource |
| [github_repository_webhook.runner](https://registry.terraform.io/providers/integrations/github/latest/docs/resources/repository_webhook) | resource |
| [aws_region.current](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/region) | data source |

## Inputs

| Name | Description | Type | Default | Required |
| ---- | ----------- | ---- | ------- | :------: |
| <a name="input_z"></a> [z](#input\\_z) | One. | \`string\` | n/a | yes |
`,
    );
    expect(
      printed.slice(printed.indexOf('| <a name="input_a')),
    ).toBe(`| <a name="input_a"></a> [a](#input\\_a) | One. | \`string\` | \`null\` | no |
| <a name="input_b_c"></a> [b\\_c](#input\\_b\\_c) | One. | \`string\` | \`1\` | no |

## Outputs

| Name | Description |
| ---- | ----------- |
| <a name="output_arn"></a> [arn](#output\\_arn) | What it is. |
| <a name="output_url"></a> [url](#output\\_url) | Where it is. |`);
  });

  it("prints types and defaults of several lines as they are declared", () => {
    const type = call("object", { id: ref("string"), key: call("optional", ref("string")) });

    expect(rowOf(input("a", { type, default: ["x", "y"] }))).toBe(
      '| <a name="input_a"></a> [a](#input\\_a) | One. | <pre>object({<br/>    id  = string<br/>    key = optional(string)<br/>  })</pre> | <pre>[<br/>  "x",<br/>  "y"<br/>]</pre> | no |',
    );
  });

  it("escapes what Markdown would read, but not in code", () => {
    expect(rowOf(input("a", { description: "An a_b, not `a_b`, or a|b." }))).toContain(
      "| An a\\_b, not `a_b`, or a\\|b. |",
    );
  });

  it.each(["two\nlines", "see https://example.test", "*this*", "_this_"])(
    "refuses a description like %j",
    (description) => {
      expect(() => rowOf(input("a", { description }))).toThrow(/only names, code and sentences/);
    },
  );
});
