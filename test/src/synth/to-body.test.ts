import {
  DataAwsIamPolicyDocument,
  dataAwsIamPolicyDocumentStatementToHclTerraform,
} from "@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import { App, type TerraformElement, TerraformResource, Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { LambdaMicrovmImage } from "../../../src/bindings/lambda-microvm-image.ts";
import { printBody } from "../../../src/hcl/print.ts";
import { ModuleStack } from "../../../src/module/module-stack.ts";
import { toBlock } from "../../../src/synth/to-body.ts";

const newStack = () => new ModuleStack(new App({ skipValidation: true }));
const print = (stack: ModuleStack, element: TerraformElement) =>
  printBody([toBlock(stack, element, (type) => type.startsWith("awscc_"))]);

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

    expect(print(stack, queue)).toBe('resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n}\n');
  });

  it("prints references bare, inside templates and inside expressions", () => {
    const stack = newStack();
    const dead = new SqsQueue(stack, "queue.dead", {});

    const queue = new SqsQueue(stack, "queue.jobs", {
      kmsMasterKeyId: dead.arn,
      name: `${dead.name}-jobs`,
      redrivePolicy: `\${jsonencode({ target = ${dead.arn} })}`,
    });

    expect(print(stack, queue)).toBe(
      [
        'resource "aws_sqs_queue" "jobs" {',
        `  name              = "\${aws_sqs_queue.dead.name}-jobs"`,
        "  kms_master_key_id = aws_sqs_queue.dead.arn",
        "  redrive_policy    = jsonencode({ target = aws_sqs_queue.dead.arn })",
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
      count: Token.asNumber(`\${var.on ? 1 : 0}`),
      tags: Token.asStringMap(`\${local.tags}`),
      environment: { variables: { EMPTY: "", ZERO: "0" } },
      dependsOn: [dead],
      lifecycle: {
        createBeforeDestroy: true,
        ignoreChanges: ["tags"],
        precondition: [{ condition: `\${var.on}`, errorMessage: "switch it on" }],
      },
    });

    expect(print(stack, lambda)).toBe(
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

    expect(print(stack, document)).toBe(
      [
        'data "aws_iam_policy_document" "one" {',
        "  statement {",
        '    sid     = "One"',
        '    actions = ["a:B"]',
        "",
        "    condition {",
        '      test     = "StringEquals"',
        '      values   = ["y"]',
        '      variable = "x"',
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
      for_each: `\${var.services}`,
      content: dataAwsIamPolicyDocumentStatementToHclTerraform({
        sid: `Through\${statement.key}`,
        condition: [{ test: "StringEquals", variable: "x", values: [`\${statement.value}`] }],
      }),
    });

    expect(print(stack, document)).toBe(
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
        "        values   = [statement.value]",
        '        variable = "x"',
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

    const printed = print(stack, image);

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

    expect(print(stack, fixture)).toBe(
      'resource "test_fixture" "one" {\n  a = ""\n  b = false\n  c = 0\n  d = []\n  e = {}\n  f = null\n}\n',
    );
  });

  it("names the construct whose template it cannot print", () => {
    const stack = newStack();

    const fixture = new Fixture(stack, { a: "%{if x}y%{endif}" });

    expect(() => print(stack, fixture)).toThrow(/^module\/fixture\.one: template directives/);
  });
});
