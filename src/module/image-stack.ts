import { CloudformationStack } from "@cdktf/provider-aws/lib/cloudformation-stack/index.js";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { call, conditional, equal, forExpression, listFor, notEqual, ref } from "../hcl/build.ts";
import type { Literal } from "../hcl/model.ts";
import { explain } from "../synth/explain.ts";
import { asNumber, asString, asStringMap } from "../synth/hcl-token.ts";
import { resolveHcl } from "../synth/resolve-hcl.ts";
import { Resolved, toExpression } from "../synth/to-expression.ts";
import type { ImageProperties } from "./image-properties.ts";
import { input, local } from "./reference.ts";

/** A build takes 2 to 14 minutes. */
const TIMEOUT = "30m";

/** Adds the image without capabilities: CloudFormation takes the empty list, which the awscc provider leaves out. */
export function addImageStack(
  scope: Construct,
  properties: ImageProperties,
  dependsOn: ITerraformDependable[],
): CloudformationStack {
  return explain(
    new CloudformationStack(scope, "stack.runner", {
      count: asNumber(conditional(equal(call("length", input("additional_os_capabilities")), 0), 1, 0)),
      name: `${input("name_prefix")}-runner`,
      onFailure: "DELETE",
      templateBody: asString(call("jsonencode", stackTemplate(inPascalCase(resolveHcl(scope, properties))))),
      tags: asStringMap(local("tags")),
      timeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
      dependsOn,
      lifecycle: { createBeforeDestroy: true },
    }),
    [
      "The same image without capabilities. Whoever applies it needs rights for CloudFormation too. Nothing is retained: what",
      "the stack no longer holds is an image that no MicroVM is started from. A stack that fails is deleted, because it",
      "could only be in the way of the next attempt. A customer's key is named here only: the awscc provider does not know of it.",
    ].join("\n"),
  );
}

function stackTemplate(properties: Readonly<Record<string, Literal>>): Literal {
  const environment = local("image_environment");
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "The runner image of GitHub Actions, without extra capabilities",
    Resources: {
      Image: {
        Type: "AWS::Lambda::MicrovmImage",
        DeletionPolicy: "Delete",
        UpdateReplacePolicy: "Delete",
        Properties: call(
          "merge",
          {
            ...properties,
            AdditionalOsCapabilities: [],
            EnvironmentVariables: listFor("each", environment, () => ({
              Key: ref("each.key"),
              Value: ref("each.value"),
            })),
            Tags: forExpression(["key", "value"], local("tags"), { value: { Key: ref("key"), Value: ref("value") } }),
          },
          // CloudFormation takes no null for a property that is not given.
          forExpression(
            ["name", "key"],
            { KmsKeyIdentifier: input("kms_key_arn") },
            { key: ref("name"), value: ref("key"), when: notEqual(ref("key"), null) },
          ),
        ),
      },
    },
    Outputs: { ImageArn: { Value: { "Fn::GetAtt": ["Image", "ImageArn"] } } },
  };
}

/** The properties with CloudFormation's names. */
function inPascalCase(value: unknown): Record<string, Literal> {
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, member]): [string, Literal] => [propertyName(name), written(member)]),
  );
}

function propertyName(name: string): string {
  return name === "cloudwatch" ? "CloudWatch" : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function written(value: unknown): Literal {
  if (Array.isArray(value)) return value.map(written);
  return typeof value === "object" && !(value instanceof Resolved) ? inPascalCase(value) : toExpression(value);
}
