import type { Values } from "../../terraform/behaviour.ts";
import { iamArn, regionalArn } from "../account.ts";
import { object, text, texts } from "../resources/values.ts";
import { type Access, changed, on, type Place, passRole, type TypeAccess, tagsChanged } from "./access.ts";

/** Arguments of a function that are no code and no tags. */
const CONFIGURATION = [
  ...[
    "description",
    "environment",
    "handler",
    "kms_key_arn",
    "layers",
    "logging_config",
    "memory_size",
    "role",
    "runtime",
  ],
  ...["timeout", "tracing_config"],
];

/** Functions, their URLs and mappings (terraform-provider-aws, internal/service/lambda). */
export function lambdaAccess(place: Place): Record<string, TypeAccess> {
  const functionArn = (name: string) => regionalArn(place, "lambda", `function:${name.split(":").at(-1)}`);
  const named = (values: Values) => functionArn(text(values, "function_name"));
  const readFunction = (arn: string) =>
    on("lambda", arn, "GetFunction", "ListVersionsByFunction", "GetFunctionCodeSigningConfig", "ListTags");
  const role = (planned: Values) => passRole(text(planned, "role"), "lambda.amazonaws.com");
  // The ARN of a mapping is not known before it is made.
  const mapping = (values: Values) => text(values, "arn") || regionalArn(place, "lambda", "event-source-mapping:*");
  return {
    aws_lambda_function: {
      create: (planned) => [
        role(planned),
        ...on("lambda", named(planned), "CreateFunction", "TagResource"),
        ...readFunction(named(planned)),
      ],
      read: (state) => readFunction(text(state, "arn")),
      update: (planned, prior) => [
        ...(changed(planned, prior, "source_code_hash", "filename")
          ? on("lambda", named(prior), "UpdateFunctionCode")
          : []),
        ...(changed(planned, prior, ...CONFIGURATION)
          ? [role(planned), ...on("lambda", named(prior), "UpdateFunctionConfiguration")]
          : []),
        ...(tagsChanged(planned, prior) ? on("lambda", named(prior), "TagResource", "UntagResource") : []),
      ],
      delete: (state) => on("lambda", text(state, "arn"), "DeleteFunction"),
    },
    aws_lambda_function_recursion_config: {
      create: (planned) => on("lambda", named(planned), "PutFunctionRecursionConfig", "GetFunctionRecursionConfig"),
      read: (state) => on("lambda", named(state), "GetFunctionRecursionConfig"),
      update: (planned) => on("lambda", named(planned), "PutFunctionRecursionConfig"),
      // There is nothing to delete: the default is put back.
      delete: (state) => on("lambda", named(state), "PutFunctionRecursionConfig"),
    },
    aws_lambda_function_url: {
      // With no authorization the provider adds the two statements of the function's policy itself.
      create: (planned) =>
        on("lambda", named(planned), "CreateFunctionUrlConfig", "AddPermission", "GetFunctionUrlConfig"),
      read: (state) => on("lambda", named(state), "GetFunctionUrlConfig"),
      update: (planned) => on("lambda", named(planned), "UpdateFunctionUrlConfig"),
      delete: (state) => on("lambda", named(state), "DeleteFunctionUrlConfig"),
    },
    aws_lambda_event_source_mapping: {
      create: (planned) => [
        ...on("lambda", "*", "CreateEventSourceMapping"),
        ...on("lambda", mapping({}), "TagResource", "GetEventSourceMapping", "ListTags"),
        ...on("lambda", named(planned), "GetFunction"),
      ],
      read: (state) => on("lambda", mapping(state), "GetEventSourceMapping", "ListTags"),
      update: (_planned, prior) => on("lambda", mapping(prior), "UpdateEventSourceMapping"),
      delete: (state) => on("lambda", mapping(state), "DeleteEventSourceMapping"),
    },
  };
}

/**
 * What is made through Cloud Control, or by a CloudFormation stack: the right to ask, and what the type's handler calls
 * with the rights of whoever asks (AWS::Lambda::MicrovmImage and NetworkConnector, `handlers`, in
 * terraform-provider-awscc, internal/service/cloudformation/schemas).
 */
export function cloudControlAccess(place: Place): Record<string, TypeAccess> {
  const image = (name: string) => regionalArn(place, "lambda", `microvm-image:${name}`);
  const connector = (name: string) => regionalArn(place, "lambda", `network-connector:${name}`);
  /** What the handler calls lies between the request and the look at how it went. */
  const ask = (name: string, handled: Access[]): Access[] => [
    ...on("cloudformation", "*", `${name}Resource`),
    ...handled,
    ...on("cloudformation", "*", "GetResourceRequestStatus"),
  ];
  const read = (service: "microvm" | "connector", arn: string) => [
    ...on("cloudformation", "*", "GetResource"),
    ...on("lambda", arn, service === "microvm" ? "GetMicrovmImage" : "GetNetworkConnector", "ListTags"),
  ];
  const stack = (name: string) => regionalArn(place, "cloudformation", `stack/${name}/*`);
  const images = imageAccess(image);
  return {
    awscc_lambda_microvm_image: {
      create: (planned) => [...ask("Create", images.create(planned)), ...read("microvm", image(text(planned, "name")))],
      read: (state) => read("microvm", text(state, "id")),
      update: (planned) => ask("Update", images.update(planned)),
      delete: (state) => ask("Delete", images.delete(text(state, "id"))),
    },
    awscc_lambda_network_connector: {
      create: (planned) => [
        ...ask("Create", [
          passRole(text(planned, "operator_role"), undefined),
          // The handler may make a role of the service's own; which, nobody has told.
          ...on("iam", iamArn(place, "role/aws-service-role/lambda.amazonaws.com/any"), "CreateServiceLinkedRole"),
          ...on("lambda", connector(text(planned, "name")), "CreateNetworkConnector", "GetNetworkConnector"),
          ...on("ec2", "*", "DescribeSecurityGroups", "DescribeSubnets"),
        ]),
        ...read("connector", connector(text(planned, "name"))),
      ],
      read: (state) => read("connector", text(state, "id")),
      delete: (state) => ask("Delete", on("lambda", text(state, "id"), "DeleteNetworkConnector")),
    },
    aws_cloudformation_stack: {
      create: (planned) => [
        ...on("cloudformation", stack(text(planned, "name")), "CreateStack", "TagResource"),
        ...images.create(propertiesOf(planned)),
        ...on("cloudformation", stack(text(planned, "name")), "DescribeStacks", "GetTemplate"),
      ],
      read: (state) => on("cloudformation", stack(text(state, "name")), "DescribeStacks", "GetTemplate"),
      update: (planned) => [
        ...on("cloudformation", stack(text(planned, "name")), "UpdateStack"),
        ...images.update(propertiesOf(planned)),
      ],
      delete: (state) => [
        ...on("cloudformation", stack(text(state, "name")), "DeleteStack"),
        ...images.delete(image(text(propertiesOf(state), "name"))),
      ],
    },
    aws_security_group: {
      create: () => [
        ...on("ec2", "*", "CreateSecurityGroup", "RevokeSecurityGroupEgress", "AuthorizeSecurityGroupEgress"),
        ...on("ec2", "*", "DescribeSecurityGroups"),
      ],
      read: () => on("ec2", "*", "DescribeSecurityGroups"),
      delete: () => on("ec2", "*", "DeleteSecurityGroup"),
    },
  };
}

function imageAccess(arnOf: (name: string) => string) {
  const passConnectors = (planned: Values) =>
    texts(planned, "egress_network_connectors").flatMap((arn) => on("lambda", arn, "PassNetworkConnector"));
  const handed = (planned: Values): Access[] => [
    // The handler says nothing of the service that the role is for.
    passRole(text(planned, "build_role_arn"), undefined),
    ...passConnectors(planned),
  ];
  return {
    create: (planned: Values): Access[] => [
      ...handed(planned),
      ...on("lambda", "*", "CreateMicrovmImage"),
      ...on("lambda", arnOf(text(planned, "name")), "TagResource", "GetMicrovmImage"),
    ],
    update: (planned: Values): Access[] => [
      ...handed(planned),
      ...on("lambda", arnOf(text(planned, "name")), "UpdateMicrovmImage", "GetMicrovmImage"),
    ],
    delete: (arn: string): Access[] => on("lambda", arn, "GetMicrovmImage", "DeleteMicrovmImage"),
  };
}

/** The image's properties in a stack's template, under the names that the awscc provider has for them. */
function propertiesOf(stack: Values): Values {
  const template: Values = JSON.parse(text(stack, "template_body") || "{}");
  const properties = object(object(object(template, "Resources"), "Image"), "Properties");
  return {
    name: properties.Name ?? null,
    build_role_arn: properties.BuildRoleArn ?? null,
    egress_network_connectors: properties.EgressNetworkConnectors ?? null,
  };
}
