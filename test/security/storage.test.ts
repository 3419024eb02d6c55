import { beforeAll, describe, expect, it } from "vitest";
import { type Body, MODULE_DIR, type ParsedModule, parseModule } from "../module/parse-module.ts";

let module: ParsedModule;
beforeAll(async () => {
  module = await parseModule(MODULE_DIR);
});

/** A bare reference, as the parser of HCL gives it. */
const expression = (reference: string) => `$\{${reference}}`;
const KEY = expression("var.kms_key_arn");
const resource = (address: string): Body => module.resources[address] ?? {};
const ofType = (type: string) => Object.entries(module.resources).filter(([address]) => address.startsWith(`${type}.`));

/** The one policy document that refuses plain HTTP to `resources`. */
function tlsOnly(document: string): unknown {
  return module.data[`aws_iam_policy_document.${document}`]?.statement;
}
const denyPlainHttp = (actions: string, resources: string[]) => [
  {
    sid: "DenyPlainHttp",
    effect: "Deny",
    actions: [actions],
    resources,
    principals: [{ type: "*", identifiers: ["*"] }],
    condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
  },
];

describe("the bucket", () => {
  it("is closed to the public, has no access lists, and is versioned", () => {
    expect(ofType("aws_s3_bucket")).toHaveLength(1);
    expect(resource("aws_s3_bucket_public_access_block.artifacts")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(resource("aws_s3_bucket_ownership_controls.artifacts")).toMatchObject({
      rule: [{ object_ownership: "BucketOwnerEnforced" }],
    });
    expect(resource("aws_s3_bucket_versioning.artifacts")).toMatchObject({
      versioning_configuration: [{ status: "Enabled" }],
    });
  });

  it("is encrypted, with a bucket key where there is a key of the customer", () => {
    expect(resource("aws_s3_bucket_server_side_encryption_configuration.artifacts")).toMatchObject({
      rule: [
        {
          apply_server_side_encryption_by_default: [
            { sse_algorithm: expression('var.kms_key_arn == null ? "AES256" : "aws:kms"'), kms_master_key_id: KEY },
          ],
          bucket_key_enabled: expression("var.kms_key_arn != null"),
        },
      ],
    });
    expect(resource("aws_s3_object.microvm_code")).toMatchObject({ kms_key_id: KEY });
  });

  it("is reached over TLS only, and its policy grants nothing", () => {
    expect(resource("aws_s3_bucket_policy.artifacts").policy).toContain(
      "aws_iam_policy_document.artifacts_bucket.json",
    );
    const bucket = expression("aws_s3_bucket.artifacts.arn");
    expect(tlsOnly("artifacts_bucket")).toEqual(denyPlainHttp("s3:*", [bucket, `${bucket}/*`]));
  });

  it("forgets code that was replaced, and uploads that were broken off", () => {
    expect(resource("aws_s3_bucket_lifecycle_configuration.artifacts")).toMatchObject({
      rule: [
        {
          status: "Enabled",
          noncurrent_version_expiration: [{ noncurrent_days: expect.any(Number) }],
          abort_incomplete_multipart_upload: [{ days_after_initiation: expect.any(Number) }],
        },
      ],
    });
  });
});

describe("what else the module stores", () => {
  it("in queues is encrypted, and reached over TLS only", () => {
    const queues = ofType("aws_sqs_queue").map(([address]) => address.split(".")[1]);
    expect(queues.toSorted()).toEqual(["dead_letters", "jobs"]);
    for (const name of queues) {
      expect(resource(`aws_sqs_queue.${name}`)).toMatchObject({
        kms_master_key_id: KEY,
        sqs_managed_sse_enabled: expression("var.kms_key_arn == null ? true : null"),
      });
      expect(resource(`aws_sqs_queue_policy.${name}`).policy).toContain(`aws_iam_policy_document.${name}_queue.json`);
      expect(tlsOnly(`${name}_queue`)).toEqual(denyPlainHttp("sqs:*", [expression(`aws_sqs_queue.${name}.arn`)]));
    }
  });

  it("in the table is encrypted, has a time to live, and has a past where that is asked for", () => {
    for (const [, table] of ofType("aws_dynamodb_table")) {
      expect(table).toMatchObject({
        server_side_encryption: [{ enabled: true, kms_key_arn: KEY }],
        ttl: [{ enabled: true }],
        point_in_time_recovery: [{ enabled: expression("var.table_point_in_time_recovery") }],
      });
    }
  });

  it("as secrets is a SecureString", () => {
    const texts = ofType("aws_ssm_parameter").filter(([, { value }]) =>
      /secret|private_key|password/.test(String(value)),
    );
    expect(texts.length).toBeGreaterThan(1);
    for (const [, parameter] of texts) {
      expect(parameter).toMatchObject({
        type: "SecureString",
        key_id: expression('coalesce(var.kms_key_arn, "alias/aws/ssm")'),
      });
    }
  });

  it("as logs is kept for as long as the caller says, under the key that the caller names", () => {
    for (const [, group] of ofType("aws_cloudwatch_log_group")) {
      expect(group.kms_key_id).toBe(KEY);
      expect(group.retention_in_days).toBe(expression("var.log_retention_days"));
    }
  });
});

it("holds no secret in a function's environment", () => {
  for (const [, { environment }] of ofType("aws_lambda_function")) {
    expect(JSON.stringify(environment)).not.toMatch(/random_password|private_key|\.value\b|\.result\b/);
  }
});
