import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import type { LabAws } from "../../../../lab/aws/aws.ts";
import type { Values } from "../../../../lab/terraform/behaviour.ts";
import { addRole, apply, type Grant, trust } from "./apply.ts";

export interface FunctionInput {
  /** Source of `index.js`, a CommonJS module that exports `handler`. */
  source: string;
  grants?: Grant[];
  name?: string;
  changes?: Values;
}

/** Deploys a function with a role of its own that may write the function's log. */
export async function deploy(
  aws: LabAws,
  { source, grants = [], name = "fn", changes = {} }: FunctionInput,
): Promise<Values> {
  const group = `/aws/lambda/${name}`;
  await apply(aws, "aws_cloudwatch_log_group", { name: group });
  const role = await addRole(
    aws,
    `${name}-role`,
    [
      {
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [`arn:aws:logs:eu-west-1:123456789012:log-group:${group}:*`],
      },
      ...grants,
    ],
    trust(["sts:AssumeRole"]),
  );
  const folder = await mkdtemp(join(tmpdir(), "lab-zip-"));
  const filename = join(folder, "code.zip");
  await writeFile(filename, zipSync({ "index.js": strToU8(source) }));
  try {
    return await apply(aws, "aws_lambda_function", {
      function_name: name,
      role,
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      filename,
      timeout: 60,
      memory_size: 256,
      ...changes,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Rights that an event source mapping needs on a queue. */
export function pollGrants(queueArn: unknown): Grant {
  return {
    actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    resources: [String(queueArn)],
  };
}

/** Maps a queue to a function. */
export function mapQueue(aws: LabAws, queueArn: unknown, changes: Values = {}): Promise<Values> {
  return apply(aws, "aws_lambda_event_source_mapping", {
    event_source_arn: String(queueArn),
    function_name: "fn",
    batch_size: 5,
    function_response_types: ["ReportBatchItemFailures"],
    ...changes,
  });
}
