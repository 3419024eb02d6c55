import * as v from "valibot";
import { ProviderError } from "../../terraform/behaviour.ts";

const hook = v.picklist(["ENABLED", "DISABLED"]);
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1));
const policy = v.optional(v.picklist(["Delete", "Retain", "RetainExceptOnCreate"]), "Delete");

/**
 * AWS::Lambda::MicrovmImage as its schema has it: every property but the tags must be there, empty or not
 * (microvm-platform 4.1).
 */
const properties = v.strictObject({
  Name: v.string(),
  Description: v.string(),
  BaseImageArn: v.string(),
  BaseImageVersion: v.string(),
  BuildRoleArn: v.string(),
  CodeArtifact: v.strictObject({ Uri: v.string() }),
  CpuConfigurations: v.array(v.strictObject({ Architecture: v.picklist(["ARM_64"]) })),
  Resources: v.pipe(v.array(v.strictObject({ MinimumMemoryInMiB: v.number() })), v.maxLength(1)),
  AdditionalOsCapabilities: v.array(v.picklist(["ALL"])),
  EgressNetworkConnectors: v.pipe(v.array(v.string()), v.maxLength(10)),
  EnvironmentVariables: v.pipe(v.array(v.strictObject({ Key: v.string(), Value: v.string() })), v.maxLength(50)),
  Hooks: v.strictObject({
    Port: v.optional(v.number()),
    MicrovmHooks: v.optional(
      v.strictObject({
        Run: v.optional(hook),
        RunTimeoutInSeconds: v.optional(seconds),
        Resume: v.optional(hook),
        ResumeTimeoutInSeconds: v.optional(seconds),
        Suspend: v.optional(hook),
        SuspendTimeoutInSeconds: v.optional(seconds),
        Terminate: v.optional(hook),
        TerminateTimeoutInSeconds: v.optional(seconds),
      }),
    ),
    MicrovmImageHooks: v.optional(
      v.strictObject({
        Ready: v.optional(hook),
        ReadyTimeoutInSeconds: v.optional(seconds),
        Validate: v.optional(hook),
        ValidateTimeoutInSeconds: v.optional(seconds),
      }),
    ),
  }),
  Logging: v.strictObject({
    Disabled: v.optional(v.boolean()),
    CloudWatch: v.optional(v.strictObject({ LogGroup: v.optional(v.string()), LogStream: v.optional(v.string()) })),
  }),
  Tags: v.optional(v.array(v.strictObject({ Key: v.string(), Value: v.optional(v.string()) })), []),
  /** In the schema since npm's aws-cdk-lib 2.276.0: encrypts the image's configuration at rest. */
  KmsKeyIdentifier: v.optional(v.string()),
});

/** What GetAtt gives of an image (microvm-platform 4.1). */
const attribute = v.picklist(["ImageArn", "State", "LatestActiveImageVersion", "LatestFailedImageVersion"]);
export type ImageAttribute = v.InferOutput<typeof attribute>;

const template = v.strictObject({
  AWSTemplateFormatVersion: v.optional(v.literal("2010-09-09")),
  Description: v.optional(v.string()),
  Resources: v.record(
    v.string(),
    v.strictObject({
      Type: v.literal("AWS::Lambda::MicrovmImage"),
      DeletionPolicy: policy,
      UpdateReplacePolicy: policy,
      Properties: properties,
    }),
  ),
  Outputs: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        Description: v.optional(v.string()),
        Value: v.strictObject({ "Fn::GetAtt": v.tuple([v.string(), attribute]) }),
      }),
    ),
    {},
  ),
});

export interface ImageTemplate {
  readonly logicalId: string;
  readonly retained: boolean;
  readonly name: string;
  /** What CreateMicrovmImage is sent, without the name. */
  readonly body: Record<string, unknown>;
  readonly outputs: Readonly<Record<string, ImageAttribute>>;
}

/** CloudFormation, ValidateTemplate: the longest template that is passed as text. */
const MAX_TEMPLATE_BYTES = 51_200;

/** Reads a template of one image; throws what CloudFormation would refuse it with. */
export function readImageTemplate(text: string): ImageTemplate {
  if (Buffer.byteLength(text) > MAX_TEMPLATE_BYTES) {
    throw invalid(`'templateBody' must have length less than or equal to ${MAX_TEMPLATE_BYTES}`);
  }
  const parsed = v.safeParse(template, JSON.parse(text));
  if (!parsed.success) throw invalid(parsed.issues.map(problem).join(", "));
  const [entry, ...more] = Object.entries(parsed.output.Resources);
  if (entry === undefined) throw invalid("At least one Resources member must be defined.");
  if (more.length > 0) throw new ProviderError("the lab's CloudFormation makes stacks of one image only");
  const [logicalId, resource] = entry;
  const outputs = Object.entries(parsed.output.Outputs).map(([name, { Value }]): [string, ImageAttribute] => {
    const [of, which] = Value["Fn::GetAtt"];
    if (of !== logicalId) throw invalid(`Template error: instance of Fn::GetAtt references undefined resource ${of}`);
    return [name, which];
  });
  return {
    logicalId,
    retained: resource.DeletionPolicy === "Retain",
    name: resource.Properties.Name,
    body: apiBody(resource.Properties),
    outputs: Object.fromEntries(outputs),
  };
}

function apiBody(given: v.InferOutput<typeof properties>): Record<string, unknown> {
  const { Name: _name, EnvironmentVariables, Tags, Logging, ...same } = given;
  const off = Logging.Disabled === true || Logging.CloudWatch === undefined;
  return {
    ...Object(inCamelCase(same)),
    environmentVariables: Object.fromEntries(EnvironmentVariables.map(({ Key, Value }) => [Key, Value])),
    tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value ?? ""])),
    logging: off ? { disabled: {} } : { cloudWatch: inCamelCase(Logging.CloudWatch) },
  };
}

function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      inCamelCase(member),
    ]),
  );
}

function problem(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const last = path.at(-1) ?? "";
  const at = `#/${path.slice(0, -1).join("/")}`;
  if (issue.type === "strict_object" && issue.received === "undefined")
    return `${at}: required key [${last}] not found`;
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `${at}: extraneous key [${last}] is not permitted`;
  }
  return `${at}/${last}: ${issue.message}`;
}

function invalid(problems: string): ProviderError {
  return new ProviderError(`ValidationError: Model validation failed (${problems})`);
}
