/**
 * Names of attributes and blocks in the order in which a person would write and read them: what it is, what it does, to
 * what, how much of it, how it is kept. The schemas have them by name. Those that are not here stand behind the others,
 * tags last.
 */
const ORDER = [
  // What it is.
  ...[
    "function_name",
    "name",
    "bucket",
    "id",
    "alarm_name",
    "dashboard_name",
    "repository",
    "queue_url",
    "sid",
    "log_group_name",
    "pattern",
  ],
  ...["alarm_description", "description", "source_policy_documents", "length", "special", "byte_length", "keepers"],
  // What may be done, by whom and when.
  ...["effect", "base_image_arn", "base_image_version", "build_role_arn", "code_artifact", "actions", "resources"],
  ...["principals", "type", "tier", "identifiers", "condition", "test", "variable", "values"],
  // What runs.
  ...["cpu_configurations", "additional_os_capabilities", "egress_network_connectors", "environment_variables", "port"],
  ...["hooks", "microvm_image_hooks", "microvm_hooks", "logging"],
  ...["event_source_arn", "authorization_type", "schedule_expression", "arn", "role_arn"],
  ...["role", "runtime", "architectures", "handler", "filename", "source_code_hash", "memory_size", "timeout"],
  ...["environment", "logging_config", "log_group", "log_format"],
  // What it is told of, and where that goes.
  ...["namespace", "metric_name", "dimensions", "value", "unit", "statistic", "stat", "period"],
  ...["expression", "label", "return_data", "metric", "metric_query", "evaluation_periods", "datapoints_to_alarm"],
  ...["threshold", "comparison_operator", "treat_missing_data", "alarm_actions", "ok_actions"],
  ...["insufficient_data_actions", "events", "url"],
  ...["content_type", "secret", "insecure_ssl"],
  // How it is kept.
  ...["path", "permissions_boundary", "assume_role_policy", "policy", "key", "source", "output_path"],
  ...["message_retention_seconds", "visibility_timeout_seconds", "retention_in_days", "billing_mode", "hash_key"],
  ...["kms_key_id", "kms_master_key_id", "sqs_managed_sse_enabled", "key_id", "redrive_policy"],
  ...["attribute", "ttl", "attribute_name", "enabled", "point_in_time_recovery", "server_side_encryption"],
  ...["status", "filter", "noncurrent_version_expiration", "expiration", "abort_incomplete_multipart_upload"],
  ...["mode", "maximum_retry_attempts", "maximum_event_age_in_seconds"],
];

const RANK = new Map(ORDER.map((name, position) => [name, position]));

/** The items by the place of their names; those without one keep their order. */
export function inReadingOrder<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[] {
  return items.toSorted((a, b) => rank(nameOf(a)) - rank(nameOf(b)));
}

function rank(name: string): number {
  if (name === "tags") return ORDER.length + 1;
  return RANK.get(name) ?? ORDER.length;
}
