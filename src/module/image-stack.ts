import { CloudformationStack } from "@cdktf/provider-aws/lib/cloudformation-stack/index.js";
import { type ITerraformDependable, Token } from "cdktf";
import { resolve } from "cdktf/lib/_tokens.js";
import type { Construct } from "constructs";
import { call, expression, raw } from "../hcl/build.ts";
import type { Expression, Literal } from "../hcl/model.ts";
import { parseTemplate } from "../hcl/parse-template.ts";
import type { ImageProperties } from "./image-properties.ts";
import { explain } from "./module-stack.ts";
import { code, hcl, input, local } from "./reference.ts";

/** A build takes 2 to 14 minutes. */
const TIMEOUT = "30m";

/** Adds the image without capabilities: CloudFormation takes the empty list, which the awscc provider leaves out. */
export function addImageStack(
  scope: Construct,
  properties: ImageProperties,
  dependsOn: ITerraformDependable[],
): CloudformationStack {
  const resolved: unknown = resolve(scope, properties);
  const template: Literal = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "The runner image of GitHub Actions, without extra capabilities",
    Resources: {
      Image: {
        Type: "AWS::Lambda::MicrovmImage",
        DeletionPolicy: "Delete",
        UpdateReplacePolicy: "Delete",
        Properties: {
          ...inPascalCase(resolved),
          AdditionalOsCapabilities: [],
          EnvironmentVariables: raw("[for each in local.image_environment : { Key = each.key, Value = each.value }]"),
          Tags: raw("[for key, value in local.tags : { Key = key, Value = value }]"),
        },
      },
    },
    Outputs: {
      ImageArn: { Value: { "Fn::GetAtt": ["Image", "ImageArn"] } },
      LatestActiveImageVersion: { Value: { "Fn::GetAtt": ["Image", "LatestActiveImageVersion"] } },
    },
  };
  return explain(
    new CloudformationStack(scope, "stack.runner", {
      count: Token.asNumber(code("length(var.additional_os_capabilities) == 0 ? 1 : 0")),
      name: `${input("name_prefix")}-runner`,
      onFailure: "DELETE",
      templateBody: hcl(call("jsonencode", template)),
      tags: Token.asStringMap(local("tags")),
      timeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
      dependsOn,
      lifecycle: { createBeforeDestroy: true },
    }),
    [
      "The same image without capabilities. Whoever applies it needs rights for CloudFormation too. Nothing is retained: what",
      "the stack no longer holds is an image that no MicroVM is started from. A stack that fails is deleted, because it",
      "could only be in the way of the next attempt.",
    ].join("\n"),
  );
}

/** The properties with CloudFormation's names, and with the HCL that stands in their texts. */
function inPascalCase(value: unknown): Record<string, Literal> {
  if (typeof value !== "object" || value === null) throw new Error("the image's properties are no object");
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]): [string, Literal] => [propertyName(name), written(member)]),
  );
}

function propertyName(name: string): string {
  return name === "cloudwatch" ? "CloudWatch" : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function written(value: unknown): Expression {
  if (Array.isArray(value)) return { kind: "list", items: value.map(written) };
  if (typeof value === "string") {
    const parts = parseTemplate(value);
    return parts.every((part) => typeof part === "string") ? expression(parts.join("")) : { kind: "template", parts };
  }
  if (typeof value === "number" || typeof value === "boolean") return expression(value);
  return expression(inPascalCase(value));
}
