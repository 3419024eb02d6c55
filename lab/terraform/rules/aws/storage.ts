import type { Problem, Value, Values } from "../../behaviour.ts";
import { isObject } from "../../dynamic-value.ts";
import type { TypeRules } from "../../type-rules.ts";
import { arn, between, json, length, matches, oneOf, policy } from "../checks.ts";
import { digits, nameFromPrefix, regionalArn, same, text } from "./arn.ts";

/** S3's naming rules for general purpose buckets (S3 user guide, bucket naming rules). */
function bucketName(value: Value, name: string): string | undefined {
  const bucket = String(value);
  const wellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !bucket.includes("..");
  const reserved = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(bucket);
  if (wellFormed && !reserved && !/^\d+\.\d+\.\d+\.\d+$/.test(bucket)) return undefined;
  return `validating S3 Bucket (${bucket}) name: ${name} must be 3 to 63 lowercase letters, digits, hyphens and dots`;
}

function items(value: Value | undefined): Values[] {
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : [];
}

/** The provider refuses a declared attribute that no key uses, and a key that is not declared. */
function tableProblems(config: Values): Problem[] {
  const indexes = [...items(config.global_secondary_index), ...items(config.local_secondary_index)];
  const keys = [config, ...indexes, ...items(config.global_secondary_index).flatMap((each) => items(each.key_schema))]
    .flatMap((each) => [each.hash_key, each.range_key, each.attribute_name])
    .filter((key) => typeof key === "string");
  const declared = items(config.attribute).map((each) => text(each, "name"));
  const unused = declared.filter((name) => !keys.includes(name));
  const missing = keys.filter((name) => !declared.includes(name));
  const problems: Problem[] = [];
  if (unused.length > 0)
    problems.push({ summary: `all attributes must be indexed. Unused attributes: ${JSON.stringify(unused)}` });
  if (missing.length > 0)
    problems.push({
      summary: `all indexes must match a defined attribute. Unmatched indexes: ${JSON.stringify(missing)}`,
    });
  if (config.hash_key === null) problems.push({ summary: "One or more parameter values were invalid: no hash_key" });
  const onDemand = config.billing_mode === "PAY_PER_REQUEST";
  if (!onDemand && "read_capacity" in config && config.billing_mode !== undefined && config.read_capacity === null) {
    problems.push({ summary: "read_capacity must be at least 1 when billing_mode is PROVISIONED" });
  }
  const [ttl] = items(config.ttl);
  if (ttl?.enabled === true && ttl.attribute_name === null) {
    problems.push({ summary: `"ttl.attribute_name" must be set when ttl.enabled is true`, attribute: ["ttl", 0] });
  }
  return problems;
}

function lifecycleProblems(config: Values): Problem[] {
  return items(config.rule).flatMap((rule, index): Problem[] => {
    const actions = [
      "abort_incomplete_multipart_upload",
      "expiration",
      "noncurrent_version_expiration",
      "noncurrent_version_transition",
      "transition",
    ];
    if (actions.some((name) => items(rule[name]).length > 0 || !(name in rule))) return [];
    return [
      { summary: "InvalidRequest: At least one action needs to be specified in a rule", attribute: ["rule", index] },
    ];
  });
}

const versionStamp = (unique: string) => Buffer.from(unique, "hex").toString("base64url").slice(0, 32);

/** Buckets, objects, tables, parameters, secrets. */
export const storageRules: Record<string, TypeRules> = {
  aws_s3_bucket: {
    defaults: { force_destroy: false },
    checks: { bucket: bucketName, bucket_prefix: length(0, 37), policy },
    conflicts: [["bucket", "bucket_prefix"]],
    replacedBy: ["bucket", "bucket_prefix", "object_lock_enabled"],
    computed: {
      bucket: (values, _context, unique) => `${text(values, "bucket_prefix") || "terraform-"}${digits(unique, 26)}`,
      id: same("bucket"),
      arn: (values, { partition }) => `arn:${partition}:s3:::${text(values, "bucket")}`,
      bucket_domain_name: (values) => `${text(values, "bucket")}.s3.amazonaws.com`,
      bucket_region: (values, { region }) => text(values, "region") || region,
      bucket_regional_domain_name: (values, { region }) =>
        `${text(values, "bucket")}.s3.${text(values, "region") || region}.amazonaws.com`,
      hosted_zone_id: () => "Z1BKCTXD74EZPE",
      object_lock_enabled: () => false,
      request_payer: () => "BucketOwner",
      policy: () => "",
      acceleration_status: () => "",
    },
  },
  aws_s3_bucket_public_access_block: {
    defaults: {
      block_public_acls: false,
      block_public_policy: false,
      ignore_public_acls: false,
      restrict_public_buckets: false,
    },
    checks: { bucket: length(1, 63) },
    replacedBy: ["bucket"],
    computed: { id: same("bucket") },
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    checks: {
      bucket: length(1, 63),
      "rule.apply_server_side_encryption_by_default.sse_algorithm": oneOf("AES256", "aws:kms", "aws:kms:dsse"),
    },
    replacedBy: ["bucket", "expected_bucket_owner"],
    computed: { id: same("bucket") },
  },
  aws_s3_bucket_versioning: {
    checks: { bucket: length(1, 63), "versioning_configuration.status": oneOf("Enabled", "Suspended", "Disabled") },
    replacedBy: ["bucket", "expected_bucket_owner"],
    computed: { id: same("bucket") },
  },
  aws_s3_bucket_lifecycle_configuration: {
    checks: {
      bucket: length(1, 63),
      "rule.id": length(1, 255),
      "rule.status": oneOf("Enabled", "Disabled"),
      "rule.noncurrent_version_expiration.noncurrent_days": between(1, 1_000_000),
      "rule.abort_incomplete_multipart_upload.days_after_initiation": between(1, 1_000_000),
    },
    validate: lifecycleProblems,
    replacedBy: ["bucket", "expected_bucket_owner"],
    computed: {
      id: same("bucket"),
      expected_bucket_owner: () => "",
      transition_default_minimum_object_size: () => "all_storage_classes_128K",
    },
  },
  aws_s3_bucket_policy: {
    checks: { bucket: length(1, 63), policy },
    replacedBy: ["bucket"],
    json: ["policy"],
    computed: { id: same("bucket") },
  },
  aws_s3_bucket_ownership_controls: {
    checks: {
      bucket: length(1, 63),
      "rule.object_ownership": oneOf("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"),
    },
    replacedBy: ["bucket"],
    computed: { id: same("bucket") },
  },
  aws_s3_object: {
    defaults: { force_destroy: false },
    checks: {
      bucket: length(1, 63),
      key: length(1, 1_024),
      server_side_encryption: oneOf("AES256", "aws:kms", "aws:kms:dsse"),
    },
    conflicts: [
      ["source", "content", "content_base64"],
      ["etag", "kms_key_id"],
    ],
    files: ["source"],
    validate: ({ tags }) =>
      isObject(tags) && Object.keys(tags).length > 10
        ? [{ summary: "BadRequest: Object tags cannot be greater than 10", attribute: ["tags"] }]
        : [],
    replacedBy: ["bucket", "key"],
    volatile: ["version_id", "etag"],
    computed: {
      id: (values) => `${text(values, "bucket")}/${text(values, "key")}`,
      arn: (values, { partition }) => `arn:${partition}:s3:::${text(values, "bucket")}/${text(values, "key")}`,
      etag: (_values, _context, unique) => unique.slice(0, 32),
      version_id: (_values, _context, unique) => versionStamp(unique),
      content_type: () => "application/octet-stream",
      server_side_encryption: () => "AES256",
      storage_class: () => "STANDARD",
      bucket_key_enabled: () => false,
      checksum_crc32: () => "",
      checksum_crc32c: () => "",
      checksum_crc64nvme: () => "",
      checksum_sha1: () => "",
      checksum_sha256: () => "",
    },
  },
  aws_dynamodb_table: {
    defaults: { billing_mode: "PROVISIONED", deletion_protection_enabled: false, "ttl.enabled": false },
    checks: {
      name: matches(/^[a-zA-Z0-9_.-]{3,255}$/, "3 to 255 letters, digits, dots, hyphens and underscores"),
      billing_mode: oneOf("PAY_PER_REQUEST", "PROVISIONED"),
      table_class: oneOf("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
      stream_view_type: oneOf("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
      "attribute.type": oneOf("S", "N", "B"),
      "global_secondary_index.projection_type": oneOf("ALL", "INCLUDE", "KEYS_ONLY"),
      "point_in_time_recovery.recovery_period_in_days": between(1, 35),
      "server_side_encryption.kms_key_arn": arn,
    },
    validate: tableProblems,
    replacedBy: ["name", "hash_key", "range_key", "local_secondary_index"],
    computed: {
      arn: regionalArn("dynamodb", (values) => `table/${text(values, "name")}`),
      id: same("name"),
      read_capacity: () => 0,
      write_capacity: () => 0,
      stream_arn: (values, context, unique) =>
        values.stream_enabled === true
          ? `${regionalArn("dynamodb", () => `table/${text(values, "name")}`)(values, context, unique)}/stream/2026-11-24T00:00:00.000`
          : "",
      stream_label: () => "",
      stream_view_type: () => "",
    },
  },
  aws_ssm_parameter: {
    checks: {
      name: matches(
        /^\/?[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/,
        "letters, digits, dots, hyphens, underscores; slashes between",
      ),
      type: oneOf("String", "StringList", "SecureString"),
      tier: oneOf("Standard", "Advanced", "Intelligent-Tiering"),
      data_type: oneOf("text", "aws:ec2:image", "aws:ssm:integration"),
      value: length(1, 8_192),
      description: length(0, 1_024),
    },
    exactlyOne: [["value", "insecure_value", "value_wo"]],
    validate: (config) => {
      const { value, tier, type, insecure_value: insecure } = config;
      const problems: Problem[] = [];
      if (
        typeof value === "string" &&
        Buffer.byteLength(value) > 4_096 &&
        tier !== "Advanced" &&
        tier !== "Intelligent-Tiering"
      ) {
        const summary =
          "ValidationException: Standard tier parameters support a maximum parameter value of 4096 characters";
        problems.push({ summary, attribute: ["value"] });
      }
      if (type === "SecureString" && insecure !== undefined && insecure !== null) {
        problems.push({
          summary: `invalid configuration, cannot set type = SecureString and insecure_value`,
          attribute: ["type"],
        });
      }
      return problems;
    },
    replacedBy: ["name", "data_type"],
    volatile: ["version"],
    computed: {
      arn: regionalArn("ssm", (values) => `parameter/${text(values, "name").replace(/^\//, "")}`),
      id: same("name"),
      data_type: () => "text",
      tier: () => "Standard",
      key_id: (values) => (values.type === "SecureString" ? "alias/aws/ssm" : ""),
      version: () => 1,
      has_value_wo: (values) => typeof values.value_wo_version === "number",
      value: same("insecure_value"),
      insecure_value: (values) => (values.type === "SecureString" ? null : text(values, "value")),
    },
  },
  aws_secretsmanager_secret: {
    defaults: { force_overwrite_replica_secret: false, recovery_window_in_days: 30 },
    checks: {
      name: matches(/^[\w/+=.@-]{1,512}$/, "at most 512 letters, digits and /_+=.@-"),
      policy,
      recovery_window_in_days: (value, name) => (value === 0 ? undefined : between(7, 30)(value, name)),
    },
    conflicts: [["name", "name_prefix"]],
    replacedBy: ["name", "name_prefix"],
    json: ["policy"],
    computed: {
      name: nameFromPrefix,
      arn: regionalArn("secretsmanager", (values, unique) => `secret:${text(values, "name")}-${suffix(unique)}`),
      id: same("arn"),
      policy: () => "",
    },
  },
  aws_secretsmanager_secret_version: {
    conflicts: [["secret_string", "secret_binary", "secret_string_wo"]],
    replacedBy: ["secret_id", "secret_string", "secret_binary", "secret_string_wo_version"],
    computed: {
      arn: same("secret_id"),
      secret_arn: same("secret_id"),
      version_id: (_values, _context, unique) => unique.slice(0, 32),
      version_stages: () => ["AWSCURRENT"],
      id: (values) => `${text(values, "secret_id")}|${text(values, "version_id")}`,
      has_secret_string_wo: (values) => typeof values.secret_string_wo_version === "number",
    },
  },
  aws_cloudwatch_log_resource_policy: {
    checks: { policy_document: json },
    replacedBy: ["policy_name"],
    json: ["policy_document"],
    computed: { id: same("policy_name"), policy_scope: () => "ACCOUNT", revision_id: () => "" },
  },
};

/** Secrets Manager ends each secret's ARN in six random letters and digits. */
function suffix(unique: string): string {
  return BigInt(`0x${unique}`).toString(36).slice(0, 6);
}
