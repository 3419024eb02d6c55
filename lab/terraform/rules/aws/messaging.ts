import type { Problem, Values } from "../../behaviour.ts";
import { isObject } from "../../dynamic-value.ts";
import type { TypeRules } from "../../type-rules.ts";
import { arn, between, each, json, matches, oneOf, policy } from "../checks.ts";
import { digits, nameFromPrefix, regionalArn, same, text, uuid } from "./arn.ts";

const queueUrl = matches(/^https?:\/\/\S+\/[\w-]{1,80}(\.fifo)?$/, "the URL of a queue");

function redriveProblems(config: Values): Problem[] {
  const { redrive_policy: value } = config;
  if (typeof value !== "string") return [];
  const at = { attribute: ["redrive_policy"] };
  try {
    const parsed: unknown = JSON.parse(value);
    const { deadLetterTargetArn: target, maxReceiveCount: count } = Object(parsed);
    if (arn(target ?? null, "deadLetterTargetArn") !== undefined) {
      return [
        { summary: "Value for parameter RedrivePolicy is invalid. Reason: deadLetterTargetArn is not an ARN.", ...at },
      ];
    }
    if (!Number.isInteger(Number(count)) || Number(count) < 1 || Number(count) > 1_000) {
      return [
        { summary: "Value for parameter RedrivePolicy is invalid. Reason: maxReceiveCount must be 1 to 1000.", ...at },
      ];
    }
  } catch {
    return [];
  }
  return [];
}

function fifoProblems(config: Values): Problem[] {
  const { name, fifo_queue: fifo, content_based_deduplication: deduplicated } = config;
  const problems: Problem[] = [];
  if (typeof name === "string" && (fifo === true) !== name.endsWith(".fifo")) {
    problems.push({
      summary: `invalid queue name: ${name}: only the name of a FIFO queue ends in .fifo`,
      attribute: ["name"],
    });
  }
  if (deduplicated === true && fifo !== true) {
    problems.push({ summary: "content-based deduplication can only be set for FIFO queue", attribute: [] });
  }
  return problems;
}

const ruleNames = matches(/^[0-9A-Za-z_.-]{1,64}$/, "1 to 64 letters, digits, dots, hyphens and underscores");
const scheduleExpression = matches(/^((at|cron|rate)\(.+\))?$/, "at(...), cron(...) or rate(...)");

/** What rate() and cron() may hold; anything else EventBridge answers with a ValidationException. */
function scheduleProblems(config: Values): Problem[] {
  const expression = text(config, "schedule_expression");
  const rate = /^rate\((\d+) (minutes?|hours?|days?)\)$/.exec(expression);
  const wrong =
    (expression.startsWith("rate(") && (rate === null || (rate[1] === "1") === rate[2]?.endsWith("s"))) ||
    (expression.startsWith("cron(") && expression.slice(5, -1).trim().split(/\s+/).length !== 6);
  if (!wrong) return [];
  return [{ summary: `Parameter ScheduleExpression is not valid: ${expression}`, attribute: ["schedule_expression"] }];
}

function targetProblems(config: Values): Problem[] {
  const { target, flexible_time_window: windows } = config;
  const [first] = Array.isArray(target) ? target : [];
  const [window] = Array.isArray(windows) ? windows : [];
  const problems: Problem[] = [];
  if (isObject(first) && typeof first.input === "string" && json(first.input, "input") !== undefined) {
    problems.push({ summary: "target input of a Lambda function must be JSON", attribute: ["target", 0, "input"] });
  }
  if (isObject(window) && window.mode === "FLEXIBLE" && window.maximum_window_in_minutes === null) {
    problems.push({
      summary: "a flexible time window needs maximum_window_in_minutes",
      attribute: ["flexible_time_window"],
    });
  }
  return problems;
}

/** Queues, topics and schedules. */
export const messagingRules: Record<string, TypeRules> = {
  aws_sqs_queue: {
    defaults: {
      content_based_deduplication: false,
      delay_seconds: 0,
      fifo_queue: false,
      max_message_size: 262_144,
      message_retention_seconds: 345_600,
      receive_wait_time_seconds: 0,
      visibility_timeout_seconds: 30,
    },
    checks: {
      name: matches(
        /^[a-zA-Z0-9-_]{1,75}(\.fifo)?$|^[a-zA-Z0-9-_]{1,80}$/,
        "at most 80 letters, digits, hyphens and underscores",
      ),
      delay_seconds: between(0, 900),
      max_message_size: between(1_024, 1_048_576),
      message_retention_seconds: between(60, 1_209_600),
      receive_wait_time_seconds: between(0, 20),
      visibility_timeout_seconds: between(0, 43_200),
      kms_data_key_reuse_period_seconds: between(60, 86_400),
      policy,
      redrive_policy: json,
      redrive_allow_policy: json,
    },
    conflicts: [
      ["name", "name_prefix"],
      ["kms_master_key_id", "sqs_managed_sse_enabled"],
    ],
    validate: (config) => [...redriveProblems(config), ...fifoProblems(config)],
    replacedBy: ["name", "name_prefix", "fifo_queue"],
    json: ["policy", "redrive_policy", "redrive_allow_policy"],
    computed: {
      name: nameFromPrefix,
      arn: regionalArn("sqs", (values) => text(values, "name")),
      url: (values, { account, region }) =>
        `https://sqs.${text(values, "region") || region}.amazonaws.com/${account}/${text(values, "name")}`,
      id: same("url"),
      kms_data_key_reuse_period_seconds: () => 300,
      sqs_managed_sse_enabled: (values) => text(values, "kms_master_key_id") === "",
      policy: () => "",
      redrive_policy: () => "",
      redrive_allow_policy: () => "",
      deduplication_scope: () => "",
      fifo_throughput_limit: () => "",
    },
  },
  aws_sqs_queue_policy: {
    checks: { policy, queue_url: queueUrl },
    replacedBy: ["queue_url"],
    json: ["policy"],
    computed: { id: same("queue_url") },
  },
  aws_sqs_queue_redrive_policy: {
    checks: { redrive_policy: json, queue_url: queueUrl },
    validate: redriveProblems,
    replacedBy: ["queue_url"],
    json: ["redrive_policy"],
    computed: { id: same("queue_url") },
  },
  aws_sqs_queue_redrive_allow_policy: {
    checks: { redrive_allow_policy: json, queue_url: queueUrl },
    replacedBy: ["queue_url"],
    json: ["redrive_allow_policy"],
    computed: { id: same("queue_url") },
  },
  aws_sns_topic: {
    defaults: { content_based_deduplication: false, fifo_topic: false },
    checks: {
      name: matches(/^[a-zA-Z0-9-_]{1,256}(\.fifo)?$/, "at most 256 letters, digits, hyphens and underscores"),
      policy,
    },
    conflicts: [["name", "name_prefix"]],
    replacedBy: ["name", "name_prefix", "fifo_topic"],
    json: ["policy"],
    computed: {
      name: nameFromPrefix,
      arn: regionalArn("sns", (values) => text(values, "name")),
      id: same("arn"),
      owner: (_values, { account }) => account,
      signature_version: () => 0,
    },
  },
  aws_sns_topic_subscription: {
    defaults: { confirmation_timeout_in_minutes: 1, endpoint_auto_confirms: false, raw_message_delivery: false },
    checks: {
      topic_arn: arn,
      protocol: oneOf("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"),
    },
    replacedBy: ["topic_arn", "protocol", "endpoint"],
    computed: {
      arn: (values, _context, unique) => `${text(values, "topic_arn")}:${uuid(unique)}`,
      id: same("arn"),
      owner_id: (_values, { account }) => account,
    },
  },
  aws_scheduler_schedule: {
    defaults: { schedule_expression_timezone: "UTC", state: "ENABLED" },
    checks: {
      name: ruleNames,
      state: oneOf("ENABLED", "DISABLED"),
      schedule_expression: scheduleExpression,
      "flexible_time_window.mode": oneOf("OFF", "FLEXIBLE"),
      "flexible_time_window.maximum_window_in_minutes": between(1, 1_440),
      "target.arn": arn,
      "target.role_arn": arn,
      "target.dead_letter_config.arn": arn,
      "target.retry_policy.maximum_event_age_in_seconds": between(60, 86_400),
      "target.retry_policy.maximum_retry_attempts": between(0, 185),
    },
    conflicts: [["name", "name_prefix"]],
    validate: (config) => [...scheduleProblems(config), ...targetProblems(config)],
    replacedBy: ["name", "name_prefix", "group_name"],
    computed: {
      name: nameFromPrefix,
      group_name: () => "default",
      action_after_completion: () => "NONE",
      arn: regionalArn("scheduler", (values) => `schedule/${text(values, "group_name")}/${text(values, "name")}`),
      id: (values) => `${text(values, "group_name")}/${text(values, "name")}`,
    },
  },
  aws_scheduler_schedule_group: {
    checks: { name: ruleNames },
    replacedBy: ["name", "name_prefix"],
    computed: {
      name: nameFromPrefix,
      arn: regionalArn("scheduler", (values) => `schedule-group/${text(values, "name")}`),
      id: same("name"),
      state: () => "ACTIVE",
    },
  },
  aws_cloudwatch_event_rule: {
    defaults: { event_bus_name: "default", force_destroy: false },
    checks: {
      name: ruleNames,
      schedule_expression: scheduleExpression,
      event_pattern: json,
      role_arn: arn,
      state: oneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
    },
    conflicts: [
      ["name", "name_prefix"],
      ["is_enabled", "state"],
    ],
    validate: scheduleProblems,
    replacedBy: ["name", "name_prefix", "event_bus_name"],
    json: ["event_pattern"],
    computed: {
      name: nameFromPrefix,
      arn: regionalArn("events", (values) => `rule/${text(values, "name")}`),
      id: same("name"),
    },
  },
  aws_cloudwatch_event_target: {
    defaults: { event_bus_name: "default", force_destroy: false },
    checks: { arn, role_arn: arn, "dead_letter_config.arn": arn },
    conflicts: [["input", "input_path", "input_transformer"]],
    replacedBy: ["rule", "target_id", "event_bus_name"],
    computed: {
      target_id: (_values, _context, unique) => `terraform-${digits(unique, 26)}`,
      id: (values) => `${text(values, "rule")}-${text(values, "target_id")}`,
    },
  },
  aws_cloudwatch_event_bus: {
    checks: {
      name: matches(/^[/.\-_A-Za-z0-9]{1,256}$/, "1 to 256 letters, digits, slashes, dots, hyphens, underscores"),
    },
    replacedBy: ["name", "event_source_name"],
    computed: { arn: regionalArn("events", (values) => `event-bus/${text(values, "name")}`), id: same("name") },
  },
  aws_vpc_endpoint: {
    defaults: { vpc_endpoint_type: "Gateway" },
    checks: { policy, security_group_ids: each(matches(/^sg-/, "the id of a security group")) },
    replacedBy: ["vpc_id", "service_name", "vpc_endpoint_type"],
    computed: {
      id: (_values, _context, unique) => `vpce-0${unique.slice(0, 16)}`,
      arn: regionalArn("ec2", (values) => `vpc-endpoint/${text(values, "id")}`),
      owner_id: (_values, { account }) => account,
      state: () => "available",
    },
  },
  aws_security_group: {
    defaults: { description: "Managed by Terraform", revoke_rules_on_delete: false },
    replacedBy: ["name", "name_prefix", "description", "vpc_id"],
    computed: {
      name: nameFromPrefix,
      id: (_values, _context, unique) => `sg-0${unique.slice(0, 16)}`,
      arn: regionalArn("ec2", (values) => `security-group/${text(values, "id")}`),
      owner_id: (_values, { account }) => account,
      vpc_id: () => "vpc-00000000000000000",
    },
  },
};
