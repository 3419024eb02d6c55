import type { Problem, Values } from "../../behaviour.ts";
import type { TypeRules } from "../../type-rules.ts";
import { arn, between, each, json, length, matches, oneOf, policy } from "../checks.ts";
import { globalArn, nameFromPrefix, regionalArn, same, text, uuid } from "./arn.ts";

const roleName = matches(/^[\w+=,.@-]{1,64}$/, "1 to 64 letters, digits and _+=,.@-");
const rolePolicyName = matches(/^[\w+=,.@-]{1,128}$/, "1 to 128 letters, digits and _+=,.@-");
const path = matches(/^\/$|^\/[!-~]*\/$/, "begins and ends with a slash");

/** IAM ids are a four-letter prefix that tells the kind, then sixteen or so letters and digits. */
function iamId(prefix: string, unique: string): string {
  return `${prefix}${BigInt(`0x${unique}`).toString(36).toUpperCase().slice(0, 17)}`;
}

/** IAM's quota for all inline policies of a role, white space not counted. */
const MAX_INLINE_POLICY = 10_240;
/** IAM's default quota for a trust policy. */
const MAX_TRUST_POLICY = 2_048;

function tooLong(config: Values, name: string, limit: number): Problem[] {
  const size = text(config, name).replace(/\s/g, "").length;
  return size > limit
    ? [
        {
          summary: `LimitExceeded: ${name} has ${size} characters, more than the ${limit} that IAM allows`,
          attribute: [name],
        },
      ]
    : [];
}

/** CloudWatch Logs accepts these and no others (PutRetentionPolicy). */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const logGroupName = matches(/^[.\-_/#A-Za-z0-9]{1,512}$/, "1 to 512 letters, digits and . - _ / #");

function alarmProblems(config: Values): Problem[] {
  const given = (name: string) => config[name] !== null && config[name] !== undefined;
  const { metric_query: queries, evaluation_criteria: criteria } = config;
  const other = [queries, criteria].some((value) => value === undefined || (Array.isArray(value) && value.length > 0));
  const problems: Problem[] = [];
  if (!other && config.metric_name === null)
    problems.push({ summary: "One of metric_name or metric_query must be set" });
  if (given("metric_name") && config.period === null) {
    problems.push({ summary: "period must be set when metric_name is", attribute: ["metric_name"] });
  }
  if (given("metric_name") && config.statistic === null && config.extended_statistic === null) {
    problems.push({ summary: "one of statistic or extended_statistic must be set", attribute: ["metric_name"] });
  }
  const { period } = config;
  if (typeof period === "number" && ![10, 20, 30].includes(period) && period % 60 !== 0) {
    problems.push({ summary: "period must be 10, 20, 30 or a multiple of 60", attribute: ["period"] });
  }
  return problems;
}

/** Roles, policies, keys, logs, alarms. */
export const identityRules: Record<string, TypeRules> = {
  aws_iam_role: {
    defaults: { force_detach_policies: false, max_session_duration: 3_600, path: "/" },
    checks: {
      name: roleName,
      name_prefix: length(1, 38),
      assume_role_policy: policy,
      permissions_boundary: arn,
      max_session_duration: between(3_600, 43_200),
      path,
      description: length(0, 1_000),
      "inline_policy.policy": policy,
    },
    conflicts: [["name", "name_prefix"]],
    validate: (config) => tooLong(config, "assume_role_policy", MAX_TRUST_POLICY),
    replacedBy: ["name", "name_prefix", "path"],
    json: ["assume_role_policy"],
    computed: {
      name: nameFromPrefix,
      arn: globalArn("iam", (values) => `role${text(values, "path") || "/"}${text(values, "name")}`),
      id: same("name"),
      create_date: () => new Date().toISOString().replace(/\.\d+/, ""),
      unique_id: (_values, _context, unique) => iamId("AROA", unique),
      managed_policy_arns: () => [],
    },
  },
  aws_iam_role_policy: {
    checks: { name: rolePolicyName, policy, role: length(1, 64) },
    conflicts: [["name", "name_prefix"]],
    validate: (config) => tooLong(config, "policy", MAX_INLINE_POLICY),
    replacedBy: ["name", "name_prefix", "role"],
    json: ["policy"],
    computed: { name: nameFromPrefix, id: (values) => `${text(values, "role")}:${text(values, "name")}` },
  },
  aws_iam_role_policy_attachment: {
    checks: { policy_arn: arn, role: length(1, 64) },
    replacedBy: ["policy_arn", "role"],
    computed: { id: (values) => `${text(values, "role")}/${text(values, "policy_arn")}` },
  },
  aws_iam_policy: {
    defaults: { path: "/" },
    checks: { name: rolePolicyName, policy, path },
    conflicts: [["name", "name_prefix"]],
    validate: (config) => tooLong(config, "policy", 6_144),
    replacedBy: ["name", "name_prefix", "path", "description"],
    json: ["policy"],
    computed: {
      name: nameFromPrefix,
      arn: globalArn("iam", (values) => `policy${text(values, "path") || "/"}${text(values, "name")}`),
      id: same("arn"),
      policy_id: (_values, _context, unique) => iamId("ANPA", unique),
    },
  },
  aws_kms_key: {
    defaults: {
      bypass_policy_lockout_safety_check: false,
      customer_master_key_spec: "SYMMETRIC_DEFAULT",
      enable_key_rotation: false,
      is_enabled: true,
      key_usage: "ENCRYPT_DECRYPT",
    },
    checks: {
      policy,
      deletion_window_in_days: between(7, 30),
      rotation_period_in_days: between(90, 2_560),
      key_usage: oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"),
    },
    replacedBy: ["customer_master_key_spec", "key_usage", "multi_region", "custom_key_store_id"],
    json: ["policy"],
    computed: {
      key_id: (_values, _context, unique) => uuid(unique),
      id: same("key_id"),
      arn: regionalArn("kms", (values) => `key/${text(values, "key_id")}`),
      multi_region: () => false,
      policy: () => "",
    },
  },
  aws_kms_alias: {
    checks: { name: matches(/^alias\/(?!aws\/)[\w/-]{1,250}$/, "begins with alias/ and not with alias/aws/") },
    conflicts: [["name", "name_prefix"]],
    replacedBy: ["name", "name_prefix"],
    computed: {
      name: (values, context, unique) =>
        nameFromPrefix({ name_prefix: text(values, "name_prefix") || "alias/" }, context, unique),
      arn: regionalArn("kms", (values) => text(values, "name")),
      id: same("name"),
      target_key_arn: (values, context, unique) => {
        const key = text(values, "target_key_id");
        return key.startsWith("arn:") ? key : regionalArn("kms", () => `key/${key}`)(values, context, unique);
      },
    },
  },
  aws_kms_grant: {
    checks: { grantee_principal: arn, retiring_principal: arn },
    replacedBy: ["key_id", "grantee_principal", "retiring_principal", "operations", "constraints", "name"],
    computed: {
      grant_id: (_values, _context, unique) => unique,
      grant_token: (_values, _context, unique) => Buffer.from(unique).toString("base64"),
      id: (values) => `${text(values, "key_id")}:${text(values, "grant_id")}`,
    },
  },
  aws_cloudwatch_log_group: {
    defaults: { retention_in_days: 0, skip_destroy: false },
    checks: {
      name: logGroupName,
      retention_in_days: oneOf(...RETENTION_DAYS),
      log_group_class: oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
      kms_key_id: arn,
    },
    conflicts: [["name", "name_prefix"]],
    replacedBy: ["name", "name_prefix", "log_group_class"],
    computed: {
      name: nameFromPrefix,
      // The provider cuts off the `:*` that CloudWatch Logs ends the ARN with.
      arn: regionalArn("logs", (values) => `log-group:${text(values, "name")}`),
      id: same("name"),
      log_group_class: () => "STANDARD",
      deletion_protection_enabled: () => false,
    },
  },
  aws_cloudwatch_log_metric_filter: {
    checks: { log_group_name: logGroupName, name: length(1, 512), "metric_transformation.name": length(1, 255) },
    replacedBy: ["log_group_name", "name"],
    computed: { id: same("name"), apply_on_transformed_logs: () => false },
  },
  aws_cloudwatch_metric_alarm: {
    defaults: { actions_enabled: true, treat_missing_data: "missing" },
    checks: {
      alarm_name: length(1, 255),
      comparison_operator: oneOf(
        "GreaterThanOrEqualToThreshold",
        "GreaterThanThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "GreaterThanUpperThreshold",
      ),
      evaluation_periods: between(1, 100_000),
      datapoints_to_alarm: between(1, 100_000),
      statistic: oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
      treat_missing_data: oneOf("breaching", "notBreaching", "ignore", "missing"),
      alarm_description: length(0, 1_024),
    },
    conflicts: [
      ["metric_name", "metric_query"],
      ["statistic", "extended_statistic"],
    ],
    validate: alarmProblems,
    replacedBy: ["alarm_name"],
    computed: {
      arn: regionalArn("cloudwatch", (values) => `alarm:${text(values, "alarm_name")}`),
      id: same("alarm_name"),
      evaluate_low_sample_count_percentiles: () => "",
    },
  },
  aws_cloudwatch_query_definition: {
    checks: {
      name: matches(/^[^:*/]+(\/[^:*/]+)*$/, "without a colon or an asterisk, and with no slash at its ends"),
      log_group_names: each(logGroupName),
      // CloudWatch Logs API reference, PutQueryDefinition.
      query_string: length(1, 10_000),
    },
    computed: {
      query_definition_id: (_values, _context, unique) => uuid(unique),
      id: same("query_definition_id"),
      arn: regionalArn("logs", (values) => `query-definition:${text(values, "query_definition_id")}`),
    },
  },
  aws_cloudwatch_dashboard: {
    checks: {
      dashboard_body: json,
      dashboard_name: matches(/^[\w-]{1,255}$/, "1 to 255 letters, digits, hyphens and underscores"),
    },
    replacedBy: ["dashboard_name"],
    json: ["dashboard_body"],
    computed: {
      dashboard_arn: globalArn("cloudwatch", (values) => `dashboard/${text(values, "dashboard_name")}`),
      id: same("dashboard_name"),
    },
  },
};
