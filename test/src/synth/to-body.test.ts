import {
  DataAwsIamPolicyDocument,
  dataAwsIamPolicyDocumentStatementToHclTerraform,
} from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import {
  App,
  type TerraformElement,
  TerraformLocal,
  TerraformOutput,
  TerraformResource,
  TerraformVariable,
  Token,
} from "cdktf";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { LambdaMicrovmImage } from "../../../src/bindings/lambda-microvm-image.ts";
import {
  attribute,
  because,
  block,
  call,
  conditional,
  forExpression,
  index,
  not,
  notEqual,
  plus,
  ref,
} from "../../../src/hcl/build.ts";
import { printBody } from "../../../src/hcl/print.ts";
import { ModuleStack } from "../../../src/module/module-stack.ts";
import { explain } from "../../../src/synth/explain.ts";
import { asAny, asList, asNumber, asString, asStringMap, HclToken } from "../../../src/synth/hcl-token.ts";
import { OtherBlock } from "../../../src/synth/other-block.ts";
import { toBlock, toBody } from "../../../src/synth/to-body.ts";

const newStack = () => new ModuleStack(new App({ skipValidation: true }));
const print = (element: TerraformElement) => printBody([toBlock(element)]);

/** A resource whose attributes are what the test says. */
class Fixture extends TerraformResource {
  readonly #attributes: Record<string, unknown>;

  constructor(stack: ModuleStack, attributes: Record<string, unknown>) {
    super(stack, "fixture.one", { terraformResourceType: "test_fixture" });
    this.#attributes = attributes;
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#attributes).map(([name, value]) => [
        name,
        { value, isBlock: false, storageClassType: "string" },
      ]),
    );
  }
}

describe("toBlock", () => {
  it("names a resource by the last part of its id, without a hash", () => {
    const stack = newStack();

    const queue = new SqsQueue(stack, "queue.jobs", { name: "jobs" });

    expect(print(queue)).toBe('resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n');
  });

  it("prints references bare, inside templates and inside expressions", () => {
    const stack = newStack();
    const dead = new SqsQueue(stack, "queue.dead", {});

    const queue = new SqsQueue(stack, "queue.jobs", {
      kmsMasterKeyId: dead.arn,
      name: `${dead.name}-jobs`,
      redrivePolicy: asString(call("jsonencode", [dead.arn])),
    });

    expect(print(queue)).toBe(
      [
        'resource "aws_sqs_queue" "jobs" {',
        `  name              = "\${aws_sqs_queue.dead.name}-jobs"`,
        "  kms_master_key_id = aws_sqs_queue.dead.arn",
        "  redrive_policy    = jsonencode([aws_sqs_queue.dead.arn])",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("prints meta arguments first, then blocks, dependencies and life cycle", () => {
    const stack = newStack();
    const dead = new SqsQueue(stack, "queue.dead", {});

    const lambda = new LambdaFunction(stack, "function.one", {
      functionName: "one",
      role: "role",
      count: asNumber(conditional(ref("var.on"), 1, 0)),
      tags: asStringMap(ref("local.tags")),
      environment: { variables: { EMPTY: "", ZERO: "0" } },
      dependsOn: [dead],
      lifecycle: {
        createBeforeDestroy: true,
        ignoreChanges: ["tags"],
        precondition: [{ condition: asString(ref("var.on")), errorMessage: "switch it on" }],
      },
    });

    expect(print(lambda)).toBe(
      [
        'resource "aws_lambda_function" "one" {',
        "  count = var.on ? 1 : 0",
        "",
        '  function_name = "one"',
        '  role          = "role"',
        "  tags          = local.tags",
        "",
        "  environment {",
        "    variables = {",
        '      EMPTY = ""',
        '      ZERO  = "0"',
        "    }",
        "  }",
        "",
        "  depends_on = [aws_sqs_queue.dead]",
        "",
        "  lifecycle {",
        "    create_before_destroy = true",
        "    ignore_changes        = [tags]",
        "",
        "    precondition {",
        "      condition     = var.on",
        '      error_message = "switch it on"',
        "    }",
        "  }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("prints each statement of a policy as a block, its sid first", () => {
    const stack = newStack();

    const document = new DataAwsIamPolicyDocument(stack, "document.one", {
      statement: [
        { sid: "One", actions: ["a:B"], condition: [{ test: "StringEquals", variable: "x", values: ["y"] }] },
        { sid: "Two", actions: ["c:D"] },
      ],
    });

    expect(print(document)).toBe(
      [
        'data "aws_iam_policy_document" "one" {',
        "  statement {",
        '    sid     = "One"',
        '    actions = ["a:B"]',
        "",
        "    condition {",
        '      test     = "StringEquals"',
        '      variable = "x"',
        '      values   = ["y"]',
        "    }",
        "  }",
        "",
        "  statement {",
        '    sid     = "Two"',
        '    actions = ["c:D"]',
        "  }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("prints blocks that are made for each element, with the blocks in them", () => {
    const stack = newStack();
    const document = new DataAwsIamPolicyDocument(stack, "document.one", { statement: [{ sid: "One" }] });

    document.addOverride("dynamic.statement", {
      for_each: asAny(ref("var.services")),
      content: dataAwsIamPolicyDocumentStatementToHclTerraform({
        sid: `Through${asString(ref("statement.key"))}`,
        condition: [{ test: "StringEquals", variable: "x", values: asList([ref("statement.value")]) }],
      }),
    });

    expect(print(document)).toBe(
      [
        'data "aws_iam_policy_document" "one" {',
        "  statement {",
        '    sid = "One"',
        "  }",
        "",
        '  dynamic "statement" {',
        "    for_each = var.services",
        "",
        "    content {",
        `      sid = "Through\${statement.key}"`,
        "",
        "      condition {",
        '        test     = "StringEquals"',
        '        variable = "x"',
        "        values   = [statement.value]",
        "      }",
        "    }",
        "  }",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("prints nested values of a protocol 6 provider as attributes", () => {
    const stack = newStack();

    const image = new LambdaMicrovmImage(stack, "image.one", {
      name: "one",
      additionalOsCapabilities: [],
      baseImageArn: "arn",
      baseImageVersion: "0",
      buildRoleArn: "arn",
      codeArtifact: { uri: "s3://b/k" },
      cpuConfigurations: [{ architecture: "ARM_64" }],
      description: "d",
      egressNetworkConnectors: ["c"],
      environmentVariables: [],
      hooks: { port: 9000, microvmHooks: { run: "ENABLED" } },
      logging: {},
      resources: [{ minimumMemoryInMiB: 512 }],
    });

    const printed = print(image);

    expect(printed).toContain(
      '  hooks = {\n    port = 9000\n    microvm_hooks = {\n      run = "ENABLED"\n    }\n  }\n',
    );
    expect(printed).toContain("  resources = [{\n    minimum_memory_in_mi_b = 512\n  }]\n");
    expect(printed).toMatch(/base_image_version += "0"\n/);
    expect(printed).toMatch(/environment_variables += \[\]\n/);
  });

  it("keeps values that are empty, false, zero or null", () => {
    const stack = newStack();

    const fixture = new Fixture(stack, { a: "", b: false, c: 0, d: [], e: {}, f: null, g: undefined });

    expect(print(fixture)).toBe(
      'resource "test_fixture" "one" {\n  a = ""\n  b = false\n  c = 0\n  d = []\n  e = {}\n  f = null\n}\n',
    );
  });

  it.each([
    ["a text with a template in it", "%{if x}y%{endif}", /build .* as an expression/],
    ["something that HCL does not have", () => 1, /function/],
    ["a symbol", Symbol("a"), /a symbol, which HCL does not have/],
  ])("names the construct that holds %s", (_, value, message) => {
    const fixture = new Fixture(newStack(), { a: value });

    expect(() => print(fixture)).toThrow(message);
    expect(() => print(fixture)).toThrow(/fixture\.one|a symbol|cannot|function/i);
  });

  it("prints what cdktf stands in for values wherever it is in an expression", () => {
    const stack = newStack();
    const dead = new SqsQueue(stack, "queue.dead", {});
    const { name } = dead;
    const items = forExpression(["k", "v"], name, { key: ref("k"), value: name, when: notEqual(name, null) });

    const fixture = new Fixture(stack, {
      a: asString(because(plus(asNumber(ref("var.n")), 1), "Why.")),
      b: asAny(conditional(not(name), index({ k: name }, name), [name])),
      c: asAny(items),
      d: `${asString(ref("var.n"))} and ${asString(plus(1, 2))}`,
      e: Token.asNumberList(asAny(ref("var.l"))),
      f: asAny(forExpression(["v"], [], { value: ref("v") })),
    });

    expect(print(fixture)).toBe(
      [
        'resource "test_fixture" "one" {',
        "  # Why.",
        "  a = var.n + 1",
        "  b = !aws_sqs_queue.dead.name ? { k = aws_sqs_queue.dead.name }[aws_sqs_queue.dead.name] : [aws_sqs_queue.dead.name]",
        "  c = { for k, v in aws_sqs_queue.dead.name : k => aws_sqs_queue.dead.name if aws_sqs_queue.dead.name != null }",
        `  d = "\${var.n} and \${1 + 2}"`,
        "  e = var.l",
        "  f = [for v in [] : v]",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("leaves expressions to src/synth", () => {
    expect(() => new HclToken("a").resolve()).toThrow(/src\/synth only/);
  });
});

describe("toBody", () => {
  it("prints elements in order, local values together, with their comments and headings", () => {
    const file = new Construct(newStack(), "file");
    new TerraformLocal(file, "local.a", asAny(ref("var.x")));
    new TerraformLocal(file, "local.b", 1);
    explain(new Construct(file, "section.Inputs"), "Inputs");
    explain(
      new TerraformVariable(file, "variable.x", {
        description: "X.",
        type: asString(call("list", ref("string"))),
        default: asAny([]),
        nullable: false,
        sensitive: true,
        validation: [{ condition: asAny(ref("var.x")), errorMessage: "No." }],
      }),
      "Why.",
    );
    new TerraformVariable(file, "variable.y", {});
    new TerraformOutput(file, "output.z", { value: asAny(ref("local.a")), description: "Z." });
    new Construct(file, "nothing");
    const region = asString(ref("local.region"));
    new OtherBlock(file, "check.here", "check", [
      block("assert", [], [{ kind: "comment", text: "C" }, attribute("error_message", `not in ${region}`)]),
    ]);
    new OtherBlock(file, "moved.a", "moved", [attribute("from", ref("a.b")), attribute("to", ref("a.c"))]);

    expect(printBody(toBody(file))).toBe(
      `locals {
  a = var.x
  b = 1
}

# Inputs

# Why.
variable "x" {
  type        = list(string)
  description = "X."
  default     = []
  nullable    = false
  sensitive   = true

  validation {
    condition     = var.x
    error_message = "No."
  }
}

variable "y" {}

output "z" {
  description = "Z."
  value       = local.a
}

check "here" {
  assert {
    # C
    error_message = "not in \${local.region}"
  }
}

moved {
  from = a.b
  to   = a.c
}
`,
    );
  });
});
