import type { CloudformationStack } from "@cdktf/provider-aws/lib/cloudformation-stack/index.js";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { LambdaMicrovmImage } from "../bindings/lambda-microvm-image.ts";
import { forExpression, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { asAny, asList } from "../synth/hcl-token.ts";
import type { ImageProperties } from "./image-properties.ts";
import { addImageStack } from "./image-stack.ts";

export interface ImageFormsProps {
  /** What both forms are called in Terraform. */
  readonly id: string;
  readonly properties: ImageProperties;
  /** A list, which decides between the forms. */
  readonly capabilities: Expression;
  /** A list of objects with `key` and `value`. */
  readonly environment: Expression;
  /** A map. */
  readonly tags: Expression;
  readonly stackName: string;
  readonly dependsOn: ITerraformDependable[];
}

/**
 * Adds the two forms of an image, with and without capabilities. The caller says by `count` or `for_each` where there
 * is which.
 */
export function addImageForms(
  scope: Construct,
  props: ImageFormsProps,
): { image: LambdaMicrovmImage; stack: CloudformationStack } {
  const { id, properties, capabilities, environment, tags, stackName, dependsOn } = props;
  const image = new LambdaMicrovmImage(scope, `image.${id}`, {
    ...properties,
    additionalOsCapabilities: asList(capabilities),
    environmentVariables: asAny(environment),
    tags: asAny(forExpression(["key", "value"], tags, { value: { key: ref("key"), value: ref("value") } })),
    dependsOn,
    lifecycle: { createBeforeDestroy: true },
  });
  const stack = addImageStack(scope, { id, name: stackName, properties, environment, tags, dependsOn });
  return { image, stack };
}
