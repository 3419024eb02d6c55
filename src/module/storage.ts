import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket/index.js";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy/index.js";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning/index.js";
import { S3Object } from "@cdktf/provider-aws/lib/s3-object/index.js";
import { Id } from "@cdktf/provider-random/lib/id/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { atMost, call, conditional, equal, notEqual } from "../hcl/build.ts";
import { except } from "../synth/except.ts";
import { explain } from "../synth/explain.ts";
import { asAny, asString, asStringMap } from "../synth/hcl-token.ts";
import { input, local } from "./reference.ts";
import { BUCKET_EXCEPTIONS } from "./scan-exceptions.ts";
import { denyPlainHttp } from "./tls-only.ts";

/** How long what was overwritten or deleted by hand can still be had back. */
const KEEP_REPLACED_DAYS = 30;
const KEEP_UNFINISHED_DAYS = 7;

const ID_BYTES = 4;
/** Folder of the bucket that image builds read. */
export const ARTIFACTS = "microvm";

/** The bucket with the code that the MicroVM image is built from. */
export class Storage extends Construct {
  readonly bucket: S3Bucket;
  readonly code: S3Object;
  /** ARN pattern of all code, that of earlier images too. */
  readonly codeArns: string;
  private readonly isReady: ITerraformDependable[];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new S3Bucket(this, "bucket.artifacts", {
      bucket: local("artifacts_bucket_name"),
      forceDestroy: true,
      tags: asStringMap(local("tags")),
    });
    except(this.bucket, ...BUCKET_EXCEPTIONS);
    this.codeArns = `${this.bucket.arn}/${ARTIFACTS}/*`;
    const accessBlock = new S3BucketPublicAccessBlock(this, "access.artifacts", {
      bucket: this.bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const encryption = new S3BucketServerSideEncryptionConfigurationA(this, "encryption.artifacts", {
      bucket: this.bucket.id,
      rule: [
        {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: asString(conditional(equal(input("kms_key_arn"), null), "AES256", "aws:kms")),
            kmsMasterKeyId: input("kms_key_arn"),
          },
          bucketKeyEnabled: asAny(notEqual(input("kms_key_arn"), null)),
        },
      ],
    });
    const versioning = new S3BucketVersioningA(this, "versioning.artifacts", {
      bucket: this.bucket.id,
      versioningConfiguration: { status: "Enabled" },
    });
    const ownership = new S3BucketOwnershipControls(this, "ownership.artifacts", {
      bucket: this.bucket.id,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    const policy = new S3BucketPolicy(this, "policy.artifacts", {
      bucket: this.bucket.id,
      policy: denyPlainHttp(this, "artifacts_bucket", "s3:*", [this.bucket.arn, `${this.bucket.arn}/*`]).json,
      // S3 refuses changes to a bucket's access that arrive at the same time.
      dependsOn: [accessBlock, ownership],
    });
    explain(
      new S3BucketLifecycleConfiguration(this, "lifecycle.artifacts", {
        bucket: this.bucket.id,
        rule: [
          {
            id: "forget-replaced-code",
            status: "Enabled",
            filter: [{}],
            noncurrentVersionExpiration: [{ noncurrentDays: KEEP_REPLACED_DAYS }],
            expiration: [{ expiredObjectDeleteMarker: true }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: KEEP_UNFINISHED_DAYS }],
          },
        ],
        dependsOn: [versioning],
      }),
      "For what is written into the bucket by hand: Terraform deletes replaced code with all its versions.",
    );
    const artifact = explain(
      new Id(this, "id.artifact", { byteLength: ID_BYTES, keepers: { hash: local("artifact_hash") } }),
      [
        "New with each content, so that going back to an earlier one is a change too: it is built again, which heals an image",
        "whose last build failed, and no two objects share a key of which one is being deleted.",
      ].join("\n"),
    );
    this.isReady = [policy, encryption, versioning];
    this.code = explain(
      this.addCode(this, "microvm_code", {
        key: `${ARTIFACTS}/${local("artifact_hash")}-${artifact.hex}.zip`,
        source: local("artifact_file"),
      }),
      [
        "The image is rebuilt only when the key changes. The code that is replaced goes when the image's update has ended: it is",
        "what CloudFormation builds again when the new one fails.",
        "An S3 object takes ten tags, where other resources take fifty: more are left off, as are the provider's own.",
      ].join("\n"),
    );
  }
  /** Adds a build context to the bucket; it waits for what protects the bucket. */
  addCode(scope: Construct, id: string, { key, source }: { key: string; source: string }): S3Object {
    return new S3Object(scope, `object.${id}`, {
      bucket: this.bucket.bucket,
      key,
      source,
      kmsKeyId: input("kms_key_arn"),
      contentType: "application/zip",
      tags: asStringMap(conditional(atMost(call("length", local("tags")), 10), local("tags"), null)),
      overrideProvider: { defaultTags: { tags: {} } },
      dependsOn: this.isReady,
    });
  }
}
