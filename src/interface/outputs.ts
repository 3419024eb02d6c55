import { above, call, conditional, expression, forExpression, notEqual, ref } from "../hcl/build.ts";
import { ALARMS } from "../module/alarm-list.ts";
import type { Output, Section } from "./input.ts";

const FUNCTIONS = ["dispatcher", "prune", "redeliver", "refresh", "webhook"];

const byFunction = (type: string, attribute: string) =>
  Object.fromEntries(FUNCTIONS.map((name) => [name, ref(`${type}.${name}.${attribute}`)]));
const alarmsByName = () =>
  Object.fromEntries(ALARMS.map(({ name }) => [name, ref(`aws_cloudwatch_metric_alarm.${name.replaceAll("-", "_")}`)]));

/** Every output of the module, by section and name. */
export const OUTPUT_SECTIONS: readonly Section<Output>[] = [
  {
    title: "GitHub",
    entries: [
      {
        name: "webhook_payload_url",
        description:
          "Payload URL for the GitHub webhook (content type: application/json). Already wired up when manage_webhooks = true.",
        value: ref("aws_lambda_function_url.webhook.function_url"),
      },
      {
        name: "webhook_secret",
        description:
          "HMAC secret shared with GitHub (X-Hub-Signature-256). Sensitive: read with `terraform output -raw webhook_secret`. Set as the webhook 'Secret' if wiring up manually (manage_webhooks = false).",
        value: ref("local.webhook_secrets[0]"),
        sensitive: true,
      },
    ],
  },
  {
    title: "Runner image",
    entries: [
      {
        name: "exec_role_arn",
        description: "ARN of the MicroVM execution role (executionRoleArn for RunMicrovm).",
        value: ref("aws_iam_role.exec.arn"),
      },
      {
        name: "image_arn",
        description: "ARN of the MicroVM image (imageIdentifier for RunMicrovm).",
        value: ref("local.image_arn"),
      },
      {
        name: "image_version",
        description: "Active version of the MicroVM image (e.g. '8.0'); increments on each rebuild.",
        value: conditional(
          notEqual(ref("var.image_version"), null),
          ref("var.image_version"),
          ref("data.awscc_lambda_microvm_image.runner.latest_active_image_version"),
        ),
      },
      {
        name: "refresh_function_name",
        description:
          'Name of the Lambda function that builds the image again (image_refresh). Invoked with the payload {"rebuild": true} it does so at once.',
        value: ref("aws_lambda_function.refresh.function_name"),
      },
    ],
  },
  {
    title: "Dispatcher",
    entries: [
      {
        name: "dispatcher_function_name",
        description: "Name of the dispatcher Lambda function.",
        value: ref("aws_lambda_function.dispatcher.function_name"),
      },
      {
        name: "secret_param_arn",
        description: "ARN of the SSM SecureString parameter.",
        value: ref("aws_ssm_parameter.dispatcher.arn"),
      },
      {
        name: "secret_param_name",
        description: "Name of the SSM Parameter Store SecureString holding the webhook secret + GitHub credential.",
        value: ref("aws_ssm_parameter.dispatcher.name"),
      },
    ],
  },
  {
    title: "General",
    entries: [
      {
        name: "artifacts_bucket",
        description: "Name of the S3 bucket holding the MicroVM code artifact.",
        value: ref("aws_s3_bucket.artifacts.bucket"),
      },
      {
        name: "monitoring",
        description:
          "What alarms and dashboards of your own need: the metrics' namespace, ARNs of the alarms, log groups, functions, queues and table.",
        value: expression({
          namespace: ref("var.name_prefix"),
          dashboard_name: call("one", ref("aws_cloudwatch_dashboard.overview[*].dashboard_name")),
          alarm_arns: forExpression(["name", "alarm"], expression(alarmsByName()), {
            key: ref("name"),
            value: ref("alarm[0].arn"),
            when: above(call("length", ref("alarm")), 0),
          }),
          functions: expression(byFunction("aws_lambda_function", "function_name")),
          log_groups: expression({
            ...byFunction("aws_cloudwatch_log_group", "name"),
            microvms: ref("aws_cloudwatch_log_group.runner.name"),
          }),
          queue: ref("aws_sqs_queue.jobs.name"),
          dead_letters: ref("aws_sqs_queue.dead_letters.name"),
          table: ref("aws_dynamodb_table.jobs.name"),
        }),
      },
    ],
  },
];
