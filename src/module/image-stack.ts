import { CloudformationStack } from "@cdktf/provider-aws/lib/cloudformation-stack/index.js";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { call, forExpression, listFor, notEqual, ref } from "../hcl/build.ts";
import type { Expression, Literal } from "../hcl/model.ts";
import { asString, asStringMap } from "../synth/hcl-token.ts";
import { resolveHcl } from "../synth/resolve-hcl.ts";
import { Resolved, toExpression } from "../synth/to-expression.ts";
import type { ImageProperties } from "./image-properties.ts";
import { input } from "./reference.ts";

/** A build takes 2 to 14 minutes. */
const TIMEOUT = "30m";

export interface ImageStack {
  readonly id: string;
  readonly name: string;
  readonly properties: ImageProperties;
  /** A list of objects with `key` and `value`. */
  readonly environment: Expression;
  /** A map. */
  readonly tags: Expression;
  readonly dependsOn: ITerraformDependable[];
}

/** Adds an image without capabilities: CloudFormation takes the empty list, which the awscc provider leaves out. */
export function addImageStack(scope: Construct, image: ImageStack): CloudformationStack {
  const { id, name, properties, tags, dependsOn } = image;
  const template = stackTemplate(inPascalCase(resolveHcl(scope, properties)), image);
  return new CloudformationStack(scope, `stack.${id}`, {
    name,
    onFailure: "DELETE",
    templateBody: asString(call("jsonencode", template)),
    tags: asStringMap(tags),
    timeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
    dependsOn,
    lifecycle: { createBeforeDestroy: true },
  });
}

function stackTemplate(
  properties: Readonly<Record<string, Literal>>,
  { environment, tags }: Pick<ImageStack, "environment" | "tags">,
): Literal {
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
            Tags: forExpression(["key", "value"], tags, { value: { Key: ref("key"), Value: ref("value") } }),
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
