import type { LabAws } from "../../../../lab/aws/aws.ts";
import type { Values } from "../../../../lab/terraform/behaviour.ts";

/** Creates a resource as Terraform would and returns its whole state. */
export async function apply(aws: LabAws, type: string, planned: Values): Promise<Values> {
  const provider = type.startsWith("awscc_") ? aws.providers.awscc : aws.providers.aws;
  const behaviour = provider.resources[type];
  if (behaviour === undefined) throw new Error(`no behaviour for ${type}`);
  return { ...planned, ...(await behaviour.create(planned)) };
}

/** Changes a resource in place. */
export async function change(aws: LabAws, type: string, prior: Values, changes: Values): Promise<Values> {
  const provider = type.startsWith("awscc_") ? aws.providers.awscc : aws.providers.aws;
  const planned = { ...prior, ...changes };
  return { ...planned, ...(await provider.resources[type]?.update?.(planned, prior)) };
}

/** Destroys a resource. */
export async function destroy(aws: LabAws, type: string, state: Values): Promise<void> {
  const provider = type.startsWith("awscc_") ? aws.providers.awscc : aws.providers.aws;
  await provider.resources[type]?.delete?.(state);
}

/** Trust in Lambda: for a function, or also for a MicroVM, which needs sts:TagSession. */
export function trust(actions: string[] = ["sts:AssumeRole", "sts:TagSession"], condition?: Values): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: actions,
        ...(condition === undefined ? {} : { Condition: condition }),
      },
    ],
  });
}

export interface Grant {
  actions: string[];
  resources: string[];
  condition?: Values;
}

/** Creates a role that may do what the grants say; returns its ARN. */
export async function addRole(aws: LabAws, name: string, grants: Grant[], trustPolicy = trust()): Promise<string> {
  const role = await apply(aws, "aws_iam_role", { name, path: "/", assume_role_policy: trustPolicy });
  if (grants.length > 0) {
    await apply(aws, "aws_iam_role_policy", {
      name: "own",
      role: name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: grants.map(({ actions, resources, condition }) => ({
          Effect: "Allow",
          Action: actions,
          Resource: resources,
          ...(condition === undefined ? {} : { Condition: condition }),
        })),
      }),
    });
  }
  return String(role.arn);
}
