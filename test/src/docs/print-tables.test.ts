import { describe, expect, it } from "vitest";
import { describeModule } from "../../../src/docs/describe-module.ts";
import { DEFAULT_SETTINGS, type DocsSettings, parseSettings } from "../../../src/docs/docs-settings.ts";
import { printTables } from "../../../src/docs/print-tables.ts";

async function tables(files: Record<string, string>, settings: Partial<DocsSettings> = {}): Promise<string> {
  return printTables(await describeModule(new Map(Object.entries(files))), { ...DEFAULT_SETTINGS, ...settings });
}

/** The row of one input. */
async function inputRow(variable: string): Promise<string> {
  const printed = await tables({ "variables.tf": variable });
  return printed.split("\n").find((line) => line.startsWith('| <a name="input_')) ?? "";
}

describe("a module with nothing in it", () => {
  it("says so in every section", async () => {
    expect(await tables({ "main.tf": "" })).toBe(
      [
        "## Requirements\n\nNo requirements.",
        "## Providers\n\nNo providers.",
        "## Modules\n\nNo modules.",
        "## Resources\n\nNo resources.",
        "## Inputs\n\nNo inputs.",
        "## Outputs\n\nNo outputs.",
      ].join("\n\n"),
    );
  });

  it("prints nothing where empty sections are hidden", async () => {
    expect(await tables({ "main.tf": "" }, { hideEmpty: true })).toBe("");
  });
});

describe("requirements, providers, modules and resources", () => {
  const main = `/**
 * # Shop
 *
 * Runs \`shop_front\` and shop_back.
 */
terraform {
  required_version = ">= 1.9"
  required_providers {
    gh_app = {
      source                = "acme/gh-app"
      version               = "= 3.1.4"
      configuration_aliases = [gh_app.other]
    }
    aws    = ">= 6.0"
    intern = { source = "registry.acme.test/acme/intern", version = "1.0" }
  }
}
resource "aws_sqs_queue" "b" {}
resource "aws_sqs_queue" "a" { name = "\${"{"}" }
# terraform-docs-ignore
resource "aws_sqs_queue" "hidden" {}
resource "terraform_data" "x" {}
resource "google_storage_bucket" "y" { provider = google-beta }
resource "gh_app_thing" "z" { provider = gh_app.other }
resource "intern_thing" "z" {}
data "aws_region" "here" {}
module "far" { source = "git::https://example.test/far.git?ref=v1_2" }
module "near" { source = "./near" }
`;

  it("are linked to the provider's documentation, resources first", async () => {
    expect(
      await tables(
        { "main.tf": main },
        { show: ["requirements", "providers", "modules", "resources", "data-sources"] },
      ),
    ).toBe(`## Requirements

| Name | Version |
| ---- | ------- |
| <a name="requirement_terraform"></a> [terraform](#requirement\\_terraform) | >= 1.9 |
| <a name="requirement_aws"></a> [aws](#requirement\\_aws) | >= 6.0 |
| <a name="requirement_gh_app"></a> [gh\\_app](#requirement\\_gh\\_app) | = 3.1.4 |
| <a name="requirement_intern"></a> [intern](#requirement\\_intern) | 1.0 |

## Providers

| Name | Version |
| ---- | ------- |
| <a name="provider_aws"></a> [aws](#provider\\_aws) | >= 6.0 |
| <a name="provider_gh_app.other"></a> [gh\\_app.other](#provider\\_gh\\_app.other) | = 3.1.4 |
| <a name="provider_google-beta"></a> [google-beta](#provider\\_google-beta) | n/a |
| <a name="provider_intern"></a> [intern](#provider\\_intern) | 1.0 |
| <a name="provider_terraform"></a> [terraform](#provider\\_terraform) | n/a |

## Modules

| Name | Source | Version |
| ---- | ------ | ------- |
| <a name="module_far"></a> [far](#module\\_far) | git::https://example.test/far.git | v1_2 |
| <a name="module_near"></a> [near](#module\\_near) | ./near | n/a |

## Resources

| Name | Type |
| ---- | ---- |
| [aws_sqs_queue.a](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sqs_queue) | resource |
| [aws_sqs_queue.b](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sqs_queue) | resource |
| [gh_app_thing.z](https://registry.terraform.io/providers/acme/gh-app/3.1.4/docs/resources/thing) | resource |
| [google-beta_google_storage_bucket.y](https://registry.terraform.io/providers/hashicorp/google-beta/latest/docs/resources/google_storage_bucket) | resource |
| intern_thing.z | resource |
| [terraform_data.x](https://registry.terraform.io/providers/hashicorp/terraform/latest/docs/resources/data) | resource |
| [aws_region.here](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/region) | data source |`);
  });

  it("come after the comment at the head of main.tf", async () => {
    expect(await tables({ "main.tf": main }, { show: ["header"] })).toBe(
      "# Shop\n\nRuns `shop_front` and shop\\_back.",
    );
  });

  it("take versions of providers from the lock file", async () => {
    const lockFile = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "6.66.0"\n}\n';
    const module = await describeModule(new Map([["main.tf", main]]), { readComments: true, lockFile });

    expect(module.providers.find(({ name }) => name === "aws")?.version).toBe("6.66.0");
  });
});

describe("an input", () => {
  it("keeps the source of a type of several lines, comments and indents included", async () => {
    const row = await inputRow(`variable "rules" {
  type = map(object({ # by name
    port = number
    cidr = optional(list(string), ["10.0.0.0/8"])
  }))
  default = {}
}`);

    expect(row).toBe(
      '| <a name="input_rules"></a> [rules](#input\\_rules) | n/a | <pre>map(object({ # by name<br/>    port = number<br/>    cidr = optional(list(string), ["10.0.0.0/8"])<br/>  }))</pre> | `{}` | no |',
    );
  });

  it("prints its default as sorted JSON, constants worked out", async () => {
    const row = await inputRow(
      'variable "d" {\n  default = { b = [1, -2.50, null], "10" = 60 * (1 + 1), "9" = "%%{x} \\"<&>\\"" }\n}',
    );

    expect(row).toContain(
      '| `map` | <pre>{<br/>  "10": 120,<br/>  "9": "%{x} \\"<&>\\"",<br/>  "b": [<br/>    1,<br/>    -2.5,<br/>    null<br/>  ]<br/>}</pre> | no |',
    );
  });

  it.each([
    ["default = null\n  type = string", "| n/a | `string` | `null` | no |"],
    ['default = ""', '| n/a | `string` | `""` | no |'],
    ["default = false\n  sensitive = true", "| n/a | `bool` | `false` | no |"],
    ["type = any", "| n/a | `any` | n/a | yes |"],
    ["default = <<-EOT\n    a\n    b\n  EOT", '| n/a | `string` | `"a\\nb\\n"` | no |'],
  ])("prints defaults and what is required: %s", async (body, cells) => {
    expect(await inputRow(`variable "v" {\n  ${body}\n}`)).toContain(cells);
  });

  it("breaks the lines of its description where they broke, code and lists included", async () => {
    const row = await inputRow(`variable "v" {
  type        = string
  description = <<-EOT
    First line,
    second a_b line.

    - \`a_b\` | c
      - _kept_ but_not

    \`\`\`hcl
    x = {
      a_b = 1
    }
    \`\`\`
    Last: https://example.test/a_b/c_d.
  EOT
}`);

    expect(row).toContain(
      "First line,<br/>second a\\_b line.<br/><br/>- `a_b` \\| c<br/>  - _kept_ but\\_not<pre>hcl<br/>x = {<br/>  a_b = 1<br/>}</pre>Last: https://example.test/a_b/c_d. |",
    );
  });

  it("takes the comment above it for its description, and only one right above", async () => {
    const above = await inputRow('# One\n// two.\nvariable "v" {}');
    const apart = await inputRow('# One\n\nvariable "v" {}');

    expect(above).toContain("| One two. |");
    expect(apart).toContain("| n/a |");
  });
});

describe("the order of inputs", () => {
  const variables = 'variable "c" {}\nvariable "a" {\n  default = 1\n}\nvariable "b" {}';
  const order = async (settings: Partial<DocsSettings>) =>
    [...(await tables({ "variables.tf": variables }, settings)).matchAll(/name="input_(.)"/g)].map(([, name]) => name);

  it("is by name, or by what is required first, or as they were declared", async () => {
    expect(await order({})).toEqual(["a", "b", "c"]);
    expect(await order({ sortBy: "required" })).toEqual(["b", "c", "a"]);
    expect(await order({ sort: false })).toEqual(["c", "a", "b"]);
  });
});

it("reads the settings that change what is printed", () => {
  const settings = parseSettings(`formatter: "markdown table" # the default
sections:
  hide:
    - providers
    - "modules"
sort:
  enabled: true
  by: required
settings:
  anchor: false
  hide-empty: true
  indent: 3
`);

  expect(settings).toEqual({
    ...DEFAULT_SETTINGS,
    hide: ["providers", "modules"],
    sortBy: "required",
    anchor: false,
    hideEmpty: true,
    indent: 3,
  });
});
