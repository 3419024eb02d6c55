import { strToU8, zipSync } from "fflate";
import type { LabAws } from "../../../../lab/aws/aws.ts";
import type { Values } from "../../../../lab/terraform/behaviour.ts";
import { addRole, apply, type Grant } from "./apply.ts";

export const IMAGE_ARN = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner";
export const CONNECTORS = "arn:aws:lambda:eu-west-1:aws:network-connector:aws-network-connector";
export const EXEC_ROLE_ARN = "arn:aws:iam::123456789012:role/exec";

/** An image's arguments as the awscc provider sends them. */
export function imageArguments(changes: Values = {}): Values {
  return {
    name: "runner",
    description: "a runner",
    base_image_arn: "arn:aws:lambda:eu-west-1:aws:microvm-image:al2023-1",
    base_image_version: "1",
    build_role_arn: "arn:aws:iam::123456789012:role/build",
    code_artifact: { uri: "s3://artifacts/code.zip" },
    cpu_configurations: [{ architecture: "ARM_64" }],
    resources: [{ minimum_memory_in_mi_b: 2048 }],
    additional_os_capabilities: ["ALL"],
    egress_network_connectors: [`${CONNECTORS}:INTERNET_EGRESS`],
    environment_variables: [{ key: "MARKER", value: "1" }],
    hooks: {
      port: 9000,
      microvm_image_hooks: {
        ready: "ENABLED",
        ready_timeout_in_seconds: 5,
        validate: "ENABLED",
        validate_timeout_in_seconds: 5,
      },
      microvm_hooks: {
        run: "ENABLED",
        run_timeout_in_seconds: 10,
        terminate: "ENABLED",
        terminate_timeout_in_seconds: 5,
        suspend: "ENABLED",
        suspend_timeout_in_seconds: 5,
        resume: "ENABLED",
        resume_timeout_in_seconds: 5,
      },
    },
    logging: { cloudwatch: { log_group: "/aws/lambda-microvms/runner" } },
    ...changes,
  };
}

/** What an image needs before it can be built: bucket, artifact, log group, build and execution role. */
export async function prepareImage(aws: LabAws): Promise<void> {
  await apply(aws, "aws_s3_bucket", { bucket: "artifacts" });
  await putArtifact(aws, "code.zip", { Dockerfile: "FROM scratch" });
  await apply(aws, "aws_cloudwatch_log_group", { name: "/aws/lambda-microvms/runner" });
  const writeLogs: Grant = {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda-microvms/runner:*"],
  };
  await addRole(aws, "build", [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::artifacts/*"] }, writeLogs]);
  await addRole(aws, "exec", [writeLogs]);
}

/** Uploads a zip of text files. */
export async function putArtifact(aws: LabAws, key: string, files: Record<string, string>): Promise<void> {
  const zip = zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
  await apply(aws, "aws_s3_object", { bucket: "artifacts", key, content_base64: Buffer.from(zip).toString("base64") });
}

/** Builds the image; returns its state. */
export function buildImage(aws: LabAws, changes: Values = {}): Promise<Values> {
  return apply(aws, "awscc_lambda_microvm_image", imageArguments(changes));
}

/** What a role needs to launch and end MicroVMs. */
export const LAUNCH_GRANTS: Grant[] = [
  {
    actions: [
      "lambda:RunMicrovm",
      "lambda:GetMicrovm",
      "lambda:TerminateMicrovm",
      "lambda:SuspendMicrovm",
      "lambda:ResumeMicrovm",
    ],
    resources: [IMAGE_ARN],
  },
  { actions: ["lambda:PassNetworkConnector"], resources: [`${CONNECTORS}:*`] },
  { actions: ["iam:PassRole"], resources: [EXEC_ROLE_ARN] },
];
