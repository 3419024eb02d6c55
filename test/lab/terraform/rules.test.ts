import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedProviders, serveProviders } from "../../../lab/terraform/serve-providers.ts";
import { createWorkspace, type Diagnostic, TerraformError, type Workspace } from "../../../lab/terraform/terraform.ts";

interface Case {
  what: string;
  /** Body of the resource of `type`. */
  type: string;
  body: string;
  problem: string;
}

const FUNCTION = `
  role     = "arn:aws:iam::123456789012:role/r"
  handler  = "index.handler"
  filename = "main.tf"`;

const CASES: Case[] = [
  {
    what: "a policy that is no JSON",
    type: "aws_iam_role",
    body: `assume_role_policy = "{"`,
    problem: "invalid JSON",
  },
  {
    what: "a policy without an effect",
    type: "aws_iam_role_policy",
    body: `role = "r"\n policy = jsonencode({ Version = "2012-10-17", Statement = [{ Action = "a:B" }] })`,
    problem: "MalformedPolicyDocument",
  },
  {
    what: "a role name of 65 characters",
    type: "aws_iam_role",
    body: `name = "${"r".repeat(65)}"\n assume_role_policy = "{\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"a\\"}]}"`,
    problem: "1 to 64 letters",
  },
  {
    what: "a role that is no ARN",
    type: "aws_lambda_function",
    body: `function_name = "f"\n runtime = "nodejs24.x"\n handler = "a"\n filename = "main.tf"\n role = "just-a-name"`,
    problem: "is an invalid ARN",
  },
  {
    what: "a runtime that is not offered",
    type: "aws_lambda_function",
    body: `function_name = "f"\n runtime = "nodejs12.x"${FUNCTION}`,
    problem: "expected runtime to be one of",
  },
  {
    what: "a function's environment of more than 4 KB",
    type: "aws_lambda_function",
    body: `function_name = "f"\n runtime = "nodejs24.x"${FUNCTION}\n environment {\n variables = { BIG = "${"x".repeat(4_100)}" }\n }`,
    problem: "exceeded the 4KB limit",
  },
  {
    what: "an environment variable that Lambda sets itself",
    type: "aws_lambda_function",
    body: `function_name = "f"\n runtime = "nodejs24.x"${FUNCTION}\n environment {\n variables = { AWS_REGION = "x" }\n }`,
    problem: "Lambda reserves the environment variable AWS_REGION",
  },
  {
    what: "a function timeout of more than 900 seconds",
    type: "aws_lambda_function",
    body: `function_name = "f"\n runtime = "nodejs24.x"\n timeout = 901${FUNCTION}`,
    problem: "expected timeout to be in the range (1 - 900), got 901",
  },
  {
    what: "a computed attribute that is set",
    type: "aws_sqs_queue",
    body: `arn = "arn:aws:sqs:eu-west-1:123456789012:q"`,
    problem: "Value for unconfigurable attribute",
  },
  {
    what: "a visibility timeout of more than twelve hours",
    type: "aws_sqs_queue",
    body: `visibility_timeout_seconds = 43201`,
    problem: "expected visibility_timeout_seconds to be in the range (0 - 43200)",
  },
  {
    what: "a redrive policy without a count",
    type: "aws_sqs_queue",
    body: `redrive_policy = jsonencode({ deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:q" })`,
    problem: "maxReceiveCount must be 1 to 1000",
  },
  {
    what: "a name together with a prefix",
    type: "aws_sqs_queue",
    body: `name = "a"\n name_prefix = "b"`,
    problem: "Conflicting configuration arguments",
  },
  {
    what: "a log retention that CloudWatch does not offer",
    type: "aws_cloudwatch_log_group",
    body: `retention_in_days = 15`,
    problem: "expected retention_in_days to be one of",
  },
  {
    what: "a bucket name with capitals",
    type: "aws_s3_bucket",
    body: `bucket = "My-Bucket"`,
    problem: "validating S3 Bucket (My-Bucket) name",
  },
  {
    what: "an eleventh tag of an object",
    type: "aws_s3_object",
    body: `bucket = "bucket"\n key = "k"\n content = "c"\n tags = { for i in range(11) : "tag\${i}" => "x" }`,
    problem: "Object tags cannot be greater than 10",
  },
  {
    what: "a table attribute that no key uses",
    type: "aws_dynamodb_table",
    body: `name = "jobs"\n billing_mode = "PAY_PER_REQUEST"\n hash_key = "id"
      attribute {\n name = "id"\n type = "S"\n }\n attribute {\n name = "other"\n type = "S"\n }`,
    problem: "all attributes must be indexed",
  },
  {
    what: "a parameter with more than 4 KB in the standard tier",
    type: "aws_ssm_parameter",
    body: `name = "/p"\n type = "String"\n value = "${"x".repeat(4_097)}"`,
    problem: "Standard tier parameters support a maximum parameter value of 4096 characters",
  },
  {
    what: "a parameter without a value",
    type: "aws_ssm_parameter",
    body: `name = "/p"\n type = "String"`,
    problem: "one of `value,insecure_value,value_wo` must be specified",
  },
  {
    what: "a batch of more than ten without a window",
    type: "aws_lambda_event_source_mapping",
    body: `function_name = "f"\n event_source_arn = "arn:aws:sqs:eu-west-1:123456789012:q"\n batch_size = 11`,
    problem: "Maximum batch window in seconds must be greater than 0",
  },
  {
    what: "a rate of one minutes",
    type: "aws_scheduler_schedule",
    body: `schedule_expression = "rate(1 minutes)"\n flexible_time_window {\n mode = "OFF"\n }
      target {\n arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"\n role_arn = "arn:aws:iam::123456789012:role/r"\n }`,
    problem: "Parameter ScheduleExpression is not valid",
  },
  {
    what: "a tag that AWS keeps for itself",
    type: "aws_sqs_queue",
    body: `tags = { "aws:x" = "y" }`,
    problem: "must not begin with aws:",
  },
  {
    what: "a repository with its owner",
    type: "github_repository_webhook",
    body: `repository = "my-org/my-repo"\n events = ["workflow_job"]`,
    problem: "the name alone, without the owner",
  },
  {
    what: "a password shorter than its parts",
    type: "random_password",
    body: `length = 4\n min_lower = 5`,
    problem: "must be at least sum of",
  },
];

const PROVIDERS = `terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    awscc  = { source = "hashicorp/awscc" }
    github = { source = "integrations/github" }
    random = { source = "hashicorp/random" }
  }
}
`;

let providers: ServedProviders;
beforeAll(async () => {
  providers = await serveProviders();
});
afterAll(() => providers.close());

describe("the providers' own checks", () => {
  let found: Diagnostic[];
  beforeAll(async () => {
    const resources = CASES.map(({ type, body }, index) => `resource "${type}" "case_${index}" {\n${body}\n}\n`);
    const files = { "main.tf": PROVIDERS + resources.join("") };
    const workspace = await createWorkspace({ files, env: providers.env });
    found = await workspace.diagnose();
    await workspace.close();
  });

  it.each(CASES.map((each, index) => ({ ...each, index })))("refuse $what", ({ type, index, problem }) => {
    const own = found.filter(({ block }) => block === `resource "${type}" "case_${index}"`);

    expect(own.map(({ summary, detail }) => `${summary} ${detail}`)).toEqual([expect.stringContaining(problem)]);
  });
});

describe("awscc_lambda_microvm_image", () => {
  const image = (more: Record<string, string> = {}) => {
    const attributes = {
      name: `"img"`,
      description: `"d"`,
      base_image_arn: `"arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1"`,
      base_image_version: `"0"`,
      build_role_arn: `"arn:aws:iam::123456789012:role/r"`,
      code_artifact: `{ uri = "s3://b/k" }`,
      cpu_configurations: `[{ architecture = "ARM_64" }]`,
      resources: `[{ minimum_memory_in_mi_b = 2048 }]`,
      additional_os_capabilities: `["ALL"]`,
      egress_network_connectors: `["arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS"]`,
      environment_variables: `[{ key = "A", value = "1" }]`,
      hooks: `{ port = 9000, microvm_hooks = { run = "ENABLED" } }`,
      logging: `{ cloudwatch = { log_group = "/x" } }`,
      ...more,
    };
    const lines = Object.entries(attributes).map(([name, value]) => `${name} = ${value}`);
    return `${PROVIDERS}resource "awscc_lambda_microvm_image" "i" {\n${lines.join("\n")}\n}`;
  };
  const open = (main: string): Promise<Workspace> =>
    createWorkspace({ files: { "main.tf": main }, env: providers.env });

  it.each([
    ["additional_os_capabilities", "[]", "AdditionalOsCapabilities"],
    ["environment_variables", "[]", "EnvironmentVariables"],
    ["hooks", "{ microvm_hooks = {} }", "Hooks"],
  ])("leaves an empty %s out of the request, which the service refuses", async (name, value, key) => {
    const workspace = await open(image({ [name]: value }));

    const refusal: unknown = await workspace.apply().catch((error: unknown) => error);

    await workspace.close();
    expect(refusal).toBeInstanceOf(TerraformError);
    expect(String(refusal).replace(/\s+/g, " ")).toContain(`required key [${key}] not found`);
  });

  it("keeps the version it knows through an update, until the next refresh", async () => {
    let version = 0;
    const next = () => {
      version += 1;
      return { latest_active_image_version: `${version}.0` };
    };
    const own = await serveProviders({
      behaviours: {
        awscc: {
          resources: {
            awscc_lambda_microvm_image: {
              create: next,
              update: next,
              read: () => ({ latest_active_image_version: `${version}.0` }),
            },
          },
        },
      },
    });
    const workspace = await createWorkspace({ files: { "main.tf": image() }, env: own.env });
    const known = async () => (await workspace.resources())[0]?.values.latest_active_image_version;
    await workspace.apply();
    expect(await known()).toBe("1.0");

    await workspace.write({ "main.tf": image({ code_artifact: `{ uri = "s3://b/k2" }` }) });
    await workspace.apply();
    expect(await known()).toBe("1.0");
    await workspace.apply("-refresh-only");
    expect(await known()).toBe("2.0");
    await workspace.close();
    await own.close();
  });
});
