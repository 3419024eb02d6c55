import type { Values } from "../../terraform/behaviour.ts";
import { text } from "../resources/values.ts";
import { type Access, on, type Place, type TypeAccess, useKey } from "./access.ts";

/**
 * What a refresh of the bucket itself looks at (terraform-provider-aws, internal/service/s3/bucket.go,
 * resourceBucketRead).
 */
const BUCKET_READS = [
  ...["ListBucket", "GetBucketPolicy", "GetBucketAcl", "GetBucketCORS", "GetBucketWebsite", "GetBucketVersioning"],
  ...["GetAccelerateConfiguration", "GetBucketRequestPayment", "GetBucketLogging", "GetLifecycleConfiguration"],
  ...["GetReplicationConfiguration", "GetEncryptionConfiguration", "GetBucketObjectLockConfiguration"],
  ...["GetBucketTagging", "GetBucketLocation"],
];

/** Settings that are resources of their own, with the action that writes and the one that reads each. */
const SETTINGS: Record<string, readonly [string, string]> = {
  aws_s3_bucket_public_access_block: ["PutBucketPublicAccessBlock", "GetBucketPublicAccessBlock"],
  aws_s3_bucket_server_side_encryption_configuration: ["PutEncryptionConfiguration", "GetEncryptionConfiguration"],
  aws_s3_bucket_versioning: ["PutBucketVersioning", "GetBucketVersioning"],
  aws_s3_bucket_lifecycle_configuration: ["PutLifecycleConfiguration", "GetLifecycleConfiguration"],
  aws_s3_bucket_ownership_controls: ["PutBucketOwnershipControls", "GetBucketOwnershipControls"],
};

/** S3 (terraform-provider-aws, internal/service/s3). */
export function storageAccess(place: Place): Record<string, TypeAccess> {
  const bucketArn = (name: string) => `arn:${place.partition}:s3:::${name}`;
  const bucketOf = (values: Values) => bucketArn(text(values, "bucket"));
  const objectArn = (values: Values) => `${bucketOf(values)}/${text(values, "key")}`;
  // S3 guide, SSE-KMS: GenerateDataKey to write, Decrypt to read.
  const readObject = (values: Values) => [
    ...on("s3", objectArn(values), "GetObject", "GetObjectTagging"),
    ...useKey(text(values, "kms_key_id"), "Decrypt"),
  ];
  const settings = Object.entries(SETTINGS).map(([type, [write, read]]): [string, TypeAccess] => [
    type,
    {
      create: (planned) => on("s3", bucketOf(planned), write, read),
      read: (state) => on("s3", bucketOf(state), read),
      update: (planned) => on("s3", bucketOf(planned), write),
      delete: (state) => on("s3", bucketOf(state), write),
    },
  ]);
  return {
    ...Object.fromEntries(settings),
    aws_s3_bucket: {
      create: (planned) => on("s3", bucketOf(planned), "CreateBucket", "PutBucketTagging", ...BUCKET_READS),
      read: (state) => on("s3", bucketOf(state), ...BUCKET_READS),
      update: (planned) => on("s3", bucketOf(planned), "PutBucketTagging"),
      delete: (state) => [
        // force_destroy looks for versions first, and deletes what it finds.
        ...(state.force_destroy === true ? on("s3", bucketOf(state), "ListBucketVersions") : []),
        ...on("s3", bucketOf(state), "DeleteBucket"),
      ],
    },
    aws_s3_bucket_policy: {
      create: (planned) => on("s3", bucketOf(planned), "PutBucketPolicy", "GetBucketPolicy"),
      read: (state) => on("s3", bucketOf(state), "GetBucketPolicy"),
      update: (planned) => on("s3", bucketOf(planned), "PutBucketPolicy"),
      delete: (state) => on("s3", bucketOf(state), "DeleteBucketPolicy"),
    },
    aws_s3_object: {
      create: (planned) => [...on("s3", objectArn(planned), "PutObject", "PutObjectTagging"), ...readObject(planned)],
      read: readObject,
      update: (planned) => on("s3", objectArn(planned), "PutObject", "PutObjectTagging"),
      delete: (state): Access[] => [
        ...on("s3", bucketOf(state), "ListBucketVersions"),
        ...on("s3", objectArn(state), "DeleteObject", "DeleteObjectVersion"),
      ],
    },
  };
}
