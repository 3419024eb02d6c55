import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeyType,
  type ScalarAttributeType,
} from "@aws-sdk/client-dynamodb";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import type { AccountGlobals } from "../globals.ts";
import type { Iam } from "../iam/iam.ts";
import type { Kms } from "../kms.ts";
import type { Emulators } from "../storage/emulators.ts";
import { nameOf, number, object, objects, setKey, text } from "./values.ts";

export interface StorageDeps {
  account: Account;
  emulators: Emulators;
  iam: Iam;
  kms: Kms;
  buckets: AccountGlobals["buckets"];
  /** Folder that Terraform runs in: paths of files are relative to it. */
  workingDirectory(): string;
}

/** Buckets, objects and tables. */
export function storageResources(deps: StorageDeps): Record<string, ResourceBehaviour> {
  const { s3 } = deps.emulators;
  const bucketArn = (name: string) => `arn:${deps.account.partition}:s3:::${name}`;
  // Settings of a bucket that change nothing of what the lab does with it; the bucket has to be there all the same.
  const setting: ResourceBehaviour = {
    create(planned) {
      const bucket = text(planned, "bucket");
      if (!s3.hasBucket(bucket)) throw new ProviderError(`NoSuchBucket: The specified bucket ${bucket} does not exist`);
      return { id: bucket };
    },
    read: (state) => (s3.hasBucket(text(state, "bucket")) ? {} : null),
  };

  function setBucketKey(planned: Values): void {
    const [rule = {}] = objects(planned, "rule");
    const bucket = bucketArn(text(planned, "bucket"));
    setKey(deps.kms, bucket, object(rule, "apply_server_side_encryption_by_default"), "kms_master_key_id");
  }

  async function putObject(planned: Values): Promise<Values> {
    const body = await contentOf(planned, deps.workingDirectory());
    const [bucket, key] = [text(planned, "bucket"), text(planned, "key")];
    if (!s3.hasBucket(bucket)) throw new ProviderError(`NoSuchBucket: The specified bucket ${bucket} does not exist`);
    s3.putObject(bucket, key, body, text(planned, "content_type") || "application/octet-stream");
    const arn = `${bucketArn(bucket)}/${key}`;
    const keyArn = text(planned, "kms_key_id") || (deps.kms.keyOf.get(bucketArn(bucket)) ?? "");
    setKey(deps.kms, arn, { keyArn }, "keyArn");
    return {
      id: `${bucket}/${key}`,
      arn,
      etag: createHash("md5").update(body).digest("hex"),
      version_id: randomBytes(16).toString("base64url"),
      kms_key_id: keyArn,
      server_side_encryption: keyArn === "" ? "AES256" : "aws:kms",
      storage_class: "STANDARD",
    };
  }

  return {
    aws_s3_bucket: {
      create(planned) {
        const name = nameOf(planned, "bucket");
        if (deps.buckets.has(name)) {
          throw new ProviderError(
            `creating S3 Bucket (${name}): BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.`,
          );
        }
        deps.buckets.set(name, deps.account.region);
        s3.createBucket(name);
        return { id: name, bucket: name, arn: bucketArn(name), bucket_region: deps.account.region };
      },
      read: (state) => (s3.hasBucket(text(state, "id")) ? {} : null),
      delete(state) {
        const name = text(state, "id");
        if (state.force_destroy === true) s3.emptyBucket(name);
        if (s3.listObjects(name).objects.length > 0) {
          throw new ProviderError(
            `deleting S3 Bucket (${name}): BucketNotEmpty: The bucket you tried to delete is not empty`,
          );
        }
        s3.deleteBucket(name);
        deps.buckets.delete(name);
        deps.kms.keyOf.delete(bucketArn(name));
      },
    },
    aws_s3_bucket_public_access_block: setting,
    aws_s3_bucket_server_side_encryption_configuration: {
      ...setting,
      create(planned) {
        setBucketKey(planned);
        return { id: text(planned, "bucket") };
      },
      update(planned) {
        setBucketKey(planned);
        return {};
      },
    },
    aws_s3_bucket_versioning: setting,
    aws_s3_bucket_lifecycle_configuration: setting,
    aws_s3_bucket_ownership_controls: setting,
    aws_s3_bucket_policy: {
      ...setting,
      create(planned) {
        deps.iam.resourcePolicies.set(bucketArn(text(planned, "bucket")), JSON.parse(text(planned, "policy")));
        return { id: text(planned, "bucket") };
      },
      update(planned) {
        deps.iam.resourcePolicies.set(bucketArn(text(planned, "bucket")), JSON.parse(text(planned, "policy")));
        return {};
      },
      delete: (state) => void deps.iam.resourcePolicies.delete(bucketArn(text(state, "bucket"))),
    },
    aws_s3_object: {
      create: putObject,
      update: putObject,
      delete(state) {
        const bucket = text(state, "bucket");
        if (s3.hasBucket(bucket)) s3.deleteObject(bucket, text(state, "key"));
        deps.kms.keyOf.delete(`${bucketArn(bucket)}/${text(state, "key")}`);
      },
    },
    aws_dynamodb_table: tableResource(deps),
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

function tableResource(deps: StorageDeps): ResourceBehaviour {
  const client = () =>
    new DynamoDBClient({
      endpoint: deps.emulators.dynamodbAddress,
      region: deps.account.region,
      credentials: { accessKeyId: "terraform", secretAccessKey: "terraform" },
    });
  const arnOf = (planned: Values) => regionalArn(deps.account, "dynamodb", `table/${text(planned, "name")}`);
  const setTableKey = (planned: Values) =>
    setKey(deps.kms, arnOf(planned), object(planned, "server_side_encryption"), "kms_key_arn");
  const isScalar = (type: string): type is ScalarAttributeType => ["S", "N", "B"].includes(type);
  return {
    async create(planned) {
      const name = text(planned, "name");
      const provisioned = text(planned, "billing_mode") === "PROVISIONED";
      const keys: [string, KeyType][] = [
        [text(planned, "hash_key"), "HASH"],
        [text(planned, "range_key"), "RANGE"],
      ];
      try {
        await client().send(
          new CreateTableCommand({
            TableName: name,
            BillingMode: provisioned ? "PROVISIONED" : "PAY_PER_REQUEST",
            ...(provisioned
              ? {
                  ProvisionedThroughput: {
                    ReadCapacityUnits: number(planned, "read_capacity", 1),
                    WriteCapacityUnits: number(planned, "write_capacity", 1),
                  },
                }
              : {}),
            AttributeDefinitions: objects(planned, "attribute").map((attribute) => {
              const type = text(attribute, "type");
              return { AttributeName: text(attribute, "name"), AttributeType: isScalar(type) ? type : "S" };
            }),
            KeySchema: keys
              .filter(([key]) => key !== "")
              .map(([AttributeName, KeyType]) => ({ AttributeName, KeyType })),
          }),
        );
      } catch (error: unknown) {
        throw new ProviderError(
          `creating DynamoDB Table (${name}): ${error instanceof Error ? error.message : "unknown"}`,
        );
      }
      if (object(planned, "ttl").enabled === true && text(object(planned, "ttl"), "attribute_name") === "") {
        throw new ProviderError(
          `updating DynamoDB Table (${name}) TTL: ValidationException: AttributeName must not be empty`,
        );
      }
      setTableKey(planned);
      return { id: name, arn: arnOf(planned) };
    },
    async read(state) {
      const found = await client()
        .send(new DescribeTableCommand({ TableName: text(state, "name") }))
        .catch(() => undefined);
      return found === undefined ? null : {};
    },
    update(planned) {
      setTableKey(planned);
      return {};
    },
    async delete(state) {
      await client().send(new DeleteTableCommand({ TableName: text(state, "name") }));
      deps.kms.keyOf.delete(arnOf(state));
    },
  };
}
