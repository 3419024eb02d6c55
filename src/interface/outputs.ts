import { above, call, conditional, expression, forExpression, index, notEqual, ref } from "../hcl/build.ts";
import type { Expression } from "../hcl/model.ts";
import { ALARMS } from "../module/alarm-list.ts";
import type { Output, Section } from "./input.ts";

const FUNCTIONS = ["dispatcher", "prune", "redeliver", "refresh", "webhook"];

const byFunction = (type: string, attribute: string) =>
  Object.fromEntries(FUNCTIONS.map((name) => [name, ref(`${type}.${name}.${attribute}`)]));
const alarmsByName = () =>
  Object.fromEntries(ALARMS.map(({ name }) => [name, ref(`aws_cloudwatch_metric_alarm.${name.replaceAll("-", "_")}`)]));

const IMAGE_VERSION = conditional(
  notEqual(ref("var.image_version"), null),
  ref("var.image_version"),
  ref("data.awscc_lambda_microvm_image.runner.latest_active_image_version"),
);
const NAME = ref("name");
const ofImage = (own: Expression, shared: Expression) =>
  conditional(call("contains", call("keys", ref("local.class_images")), NAME), own, shared);
const partOf = (address: string, attribute: string) => index(index(ref(address), NAME), attribute);

const RUNNER_CLASSES = call(
  "merge",
  {
    default: {
      runs_on: ref("var.required_labels"),
      memory_mib: ref("var.runner_memory_mib"),
      image_arn: ref("local.image_arn"),
      image_version: IMAGE_VERSION,
      log_group: ref("aws_cloudwatch_log_group.runner.name"),
      shared_image: false,
    },
  },
  forExpression(["name", "class"], ref("var.runner_classes"), {
    key: NAME,
    value: {
      runs_on: index(ref("local.class_required_labels"), NAME),
      memory_mib: ofImage(partOf("local.class_images", "runner_memory_mib"), ref("var.runner_memory_mib")),
      image_arn: ofImage(index(ref("local.class_image_arns"), NAME), ref("local.image_arn")),
      image_version: conditional(
        notEqual(ref("class.image_version"), null),
        ref("class.image_version"),
        ofImage(partOf("data.awscc_lambda_microvm_image.class", "latest_active_image_version"), IMAGE_VERSION),
      ),
      log_group: ofImage(partOf("aws_cloudwatch_log_group.class", "name"), ref("aws_cloudwatch_log_group.runner.name")),
      shared_image: ofImage(expression(false), expression(true)),
    },
  }),
);

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
        value: IMAGE_VERSION,
      },
      {
        name: "refresh_function_name",
        description:
          'Name of the Lambda function that builds the image again (image_refresh). Invoked with the payload {"rebuild": true} it does so at once.',
        value: ref("aws_lambda_function.refresh.function_name"),
      },
      {
        name: "runner_classes",
        description:
          "Classes of runners by name, default included: the labels of runs-on, the memory in MiB, the image with the version that is launched, its log group, and whether it shares the default's image.",
        value: RUNNER_CLASSES,
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
