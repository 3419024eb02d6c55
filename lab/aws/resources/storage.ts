import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import type { StorageDeps } from "./storage-deps.ts";
import { tableResource } from "./table.ts";
import { nameOf, object, objects, setKey, text } from "./values.ts";

/** Buckets, objects and tables. */
export function storageResources(deps: StorageDeps): Record<string, ResourceBehaviour> {
  const setting = bucketSetting(deps);
  return {
    aws_s3_bucket: bucketResource(deps),
    aws_s3_bucket_public_access_block: setting,
    aws_s3_bucket_server_side_encryption_configuration: withWork(setting, (planned) => setBucketKey(deps, planned)),
    aws_s3_bucket_versioning: versioningResource(deps, setting),
    aws_s3_bucket_lifecycle_configuration: setting,
    aws_s3_bucket_ownership_controls: setting,
    aws_s3_bucket_policy: {
      ...withWork(setting, (planned) => {
        deps.iam.resourcePolicies.set(bucketArn(deps, text(planned, "bucket")), JSON.parse(text(planned, "policy")));
      }),
      delete: (state) => void deps.iam.resourcePolicies.delete(bucketArn(deps, text(state, "bucket"))),
    },
    aws_s3_object: objectResource(deps),
    aws_dynamodb_table: tableResource(deps),
  };
}

const bucketArn = ({ account }: StorageDeps, name: string) => `arn:${account.partition}:s3:::${name}`;

function requireBucket({ emulators }: StorageDeps, bucket: string): void {
  if (!emulators.s3.hasBucket(bucket)) {
    throw new ProviderError(`NoSuchBucket: The specified bucket ${bucket} does not exist`);
  }
}

function bucketResource(deps: StorageDeps): ResourceBehaviour {
  const { s3 } = deps.emulators;
  return {
    create(planned) {
      const name = nameOf(planned, "bucket");
      if (deps.buckets.has(name)) {
        throw new ProviderError(
          `creating S3 Bucket (${name}): BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.`,
        );
      }
      deps.buckets.set(name, deps.account.region);
      s3.createBucket(name);
      return { id: name, bucket: name, arn: bucketArn(deps, name), bucket_region: deps.account.region };
    },
    read: (state) => (s3.hasBucket(text(state, "id")) ? {} : null),
    delete(state) {
      const name = text(state, "id");
      if (state.force_destroy === true) deps.objects.empty(name);
      if (deps.objects.versions(name).length > 0) {
        // S3 API reference, error responses: with versions there is a second sentence.
        const versions = deps.objects.versioned(name) ? ". You must delete all versions in the bucket." : "";
        throw new ProviderError(
          `deleting S3 Bucket (${name}): BucketNotEmpty: The bucket you tried to delete is not empty${versions}`,
        );
      }
      s3.deleteBucket(name);
      deps.buckets.delete(name);
      deps.objects.setVersioning(name, false);
      deps.kms.keyOf.delete(bucketArn(deps, name));
    },
  };
}

/** Settings of a bucket that change nothing of what the lab does with it; the bucket has to be there all the same. */
function bucketSetting(deps: StorageDeps): ResourceBehaviour {
  return {
    create(planned) {
      const bucket = text(planned, "bucket");
      requireBucket(deps, bucket);
      return { id: bucket };
    },
    read: (state) => (deps.emulators.s3.hasBucket(text(state, "bucket")) ? {} : null),
  };
}

function withWork(setting: ResourceBehaviour, work: (planned: Values) => void): ResourceBehaviour {
  return {
    ...setting,
    async create(planned) {
      const answer = await setting.create(planned);
      work(planned);
      return answer;
    },
    update(planned) {
      work(planned);
      return {};
    },
  };
}

function setBucketKey(deps: StorageDeps, planned: Values): void {
  const [rule = {}] = objects(planned, "rule");
  const bucket = bucketArn(deps, text(planned, "bucket"));
  setKey(deps.kms, bucket, object(rule, "apply_server_side_encryption_by_default"), "kms_master_key_id");
}

function versioningResource(deps: StorageDeps, setting: ResourceBehaviour): ResourceBehaviour {
  return {
    ...withWork(setting, (planned) => {
      const status = text(object(planned, "versioning_configuration"), "status");
      deps.objects.setVersioning(text(planned, "bucket"), status === "Enabled");
    }),
    // What was enabled is suspended and never off again; the provider does that (terraform-provider-aws,
    // internal/service/s3/bucket_versioning.go).
    delete: (state) => deps.objects.setVersioning(text(state, "bucket"), false),
  };
}

function objectResource(deps: StorageDeps): ResourceBehaviour {
  const place = (values: Values): [string, string] => [text(values, "bucket"), text(values, "key")];
  async function put(planned: Values): Promise<Values> {
    const body = await contentOf(planned, deps.workingDirectory());
    const [bucket, key] = place(planned);
    requireBucket(deps, bucket);
    const { etag, versionId } = deps.objects.put(
      bucket,
      key,
      body,
      text(planned, "content_type") || "application/octet-stream",
    );
    const arn = `${bucketArn(deps, bucket)}/${key}`;
    const keyArn = text(planned, "kms_key_id") || (deps.kms.keyOf.get(bucketArn(deps, bucket)) ?? "");
    setKey(deps.kms, arn, { keyArn }, "keyArn");
    return {
      id: `${bucket}/${key}`,
      arn,
      etag,
      version_id: versionId === "null" ? "" : versionId,
      kms_key_id: keyArn,
      server_side_encryption: keyArn === "" ? "AES256" : "aws:kms",
      storage_class: "STANDARD",
    };
  }
  return {
    create: put,
    update: put,
    read(state) {
      const found = deps.objects.head(...place(state));
      return found === undefined ? null : { version_id: found.versionId === "null" ? "" : found.versionId };
    },
    // Of an object with a version the provider deletes all versions of its key, whichever wrote them, and else the
    // object (terraform-provider-aws, internal/service/s3/object.go, `resourceObjectDelete`).
    delete(state) {
      const [bucket, key] = place(state);
      if (text(state, "version_id") === "") deps.objects.delete(bucket, key);
      else deps.objects.deleteVersions(bucket, key);
      deps.kms.keyOf.delete(`${bucketArn(deps, bucket)}/${key}`);
    },
  };
}

async function contentOf(planned: Values, folder: string): Promise<Buffer> {
  const source = text(planned, "source");
  if (source !== "") {
    return readFile(resolve(folder, source)).catch(() => {
      throw new ProviderError(`opening S3 object source (${source}): no such file or directory`);
    });
  }
  const base64 = text(planned, "content_base64");
  return base64 === "" ? Buffer.from(text(planned, "content")) : Buffer.from(base64, "base64");
}
