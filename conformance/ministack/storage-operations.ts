/** Storage and schedules: types of hashicorp/aws, as operations.ts has others. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as ddb from "@aws-sdk/client-dynamodb";
import * as s3 from "@aws-sdk/client-s3";
import * as scheduler from "@aws-sdk/client-scheduler";
import { number, object, objects, text } from "../../lab/aws/resources/values.ts";
import type { ResourceBehaviour, Values } from "../../lab/terraform/behaviour.ts";
import { known, orNull, sameJson } from "./answers.ts";

export function tableType(client: ddb.DynamoDBClient): ResourceBehaviour {
  return {
    async create(planned) {
      const [TableName, hash] = [text(planned, "name"), text(planned, "hash_key")];
      const { TableDescription } = await client.send(
        new ddb.CreateTableCommand({
          TableName,
          BillingMode: text(planned, "billing_mode") as ddb.BillingMode,
          AttributeDefinitions: [{ AttributeName: hash, AttributeType: "S" }],
          KeySchema: [{ AttributeName: hash, KeyType: "HASH" }],
        }),
      );
      const { attribute_name: AttributeName } = object(planned, "ttl");
      const TimeToLiveSpecification = { Enabled: true, AttributeName: String(AttributeName) };
      await client.send(new ddb.UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
      return known({ id: TableName, arn: TableDescription?.TableArn });
    },
    async read(state) {
      const found = await orNull(client.send(new ddb.DescribeTableCommand({ TableName: text(state, "name") })));
      return found === null ? null : known({ hash_key: found.Table?.KeySchema?.[0]?.AttributeName });
    },
    update: () => ({}),
    async delete(state) {
      await client.send(new ddb.DeleteTableCommand({ TableName: text(state, "name") }));
    },
  };
}

export function scheduleType(client: scheduler.SchedulerClient): ResourceBehaviour {
  const configOf = (planned: Values) => {
    const [target, retry] = [object(planned, "target"), object(object(planned, "target"), "retry_policy")];
    return {
      Name: text(planned, "name"),
      Description: text(planned, "description"),
      ScheduleExpression: text(planned, "schedule_expression"),
      FlexibleTimeWindow: {
        Mode: text(object(planned, "flexible_time_window"), "mode") as scheduler.FlexibleTimeWindowMode,
      },
      Target: {
        Arn: text(target, "arn"),
        RoleArn: text(target, "role_arn"),
        RetryPolicy: {
          MaximumRetryAttempts: number(retry, "maximum_retry_attempts", 0),
          MaximumEventAgeInSeconds: number(retry, "maximum_event_age_in_seconds", 60),
        },
      },
    };
  };
  return {
    async create(planned) {
      const { ScheduleArn } = await client.send(new scheduler.CreateScheduleCommand(configOf(planned)));
      return known({
        id: `default/${text(planned, "name")}`,
        group_name: "default",
        arn: ScheduleArn,
        action_after_completion: "NONE",
      });
    },
    async read(state) {
      const found = await orNull(client.send(new scheduler.GetScheduleCommand({ Name: text(state, "name") })));
      return found === null ? null : known({ schedule_expression: found.ScheduleExpression });
    },
    async update(planned) {
      await client.send(new scheduler.UpdateScheduleCommand(configOf(planned)));
      return {};
    },
    delete: async (state) =>
      void (await client.send(new scheduler.DeleteScheduleCommand({ Name: text(state, "name") }))),
  };
}

export function storageTypes(client: s3.S3Client, folder: string): Record<string, ResourceBehaviour> {
  const setting = (put: (planned: Values, Bucket: string) => Promise<unknown>): ResourceBehaviour => {
    const set = async (planned: Values): Promise<Values> => {
      await put(planned, text(planned, "bucket"));
      return { id: text(planned, "bucket") };
    };
    return { create: set, update: set };
  };
  return {
    aws_s3_bucket: {
      async create(planned) {
        const Bucket = text(planned, "bucket");
        await client.send(new s3.CreateBucketCommand({ Bucket }));
        return { id: Bucket, arn: `arn:aws:s3:::${Bucket}`, bucket_region: text(planned, "region") };
      },
      async read(state) {
        const found = await orNull(client.send(new s3.HeadBucketCommand({ Bucket: text(state, "id") })));
        return found === null ? null : {};
      },
      update: () => ({}),
      async delete(state) {
        const Bucket = text(state, "id");
        const { Versions = [], DeleteMarkers = [] } = await client.send(new s3.ListObjectVersionsCommand({ Bucket }));
        for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
          await client.send(new s3.DeleteObjectCommand({ Bucket, Key, VersionId }));
        }
        await client.send(new s3.DeleteBucketCommand({ Bucket }));
      },
    },
    aws_s3_bucket_versioning: setting((planned, Bucket) => {
      const Status = text(object(planned, "versioning_configuration"), "status") as s3.BucketVersioningStatus;
      return client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    }),
    aws_s3_bucket_public_access_block: setting((_planned, Bucket) => {
      const all = {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      };
      return client.send(new s3.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: all }));
    }),
    aws_s3_bucket_server_side_encryption_configuration: setting((planned, Bucket) => {
      const by = object(objects(planned, "rule")[0] ?? {}, "apply_server_side_encryption_by_default");
      const SSEAlgorithm = text(by, "sse_algorithm") as s3.ServerSideEncryption;
      const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm } }];
      return client.send(new s3.PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
    }),
    aws_s3_bucket_ownership_controls: setting((planned, Bucket) => {
      const ObjectOwnership = text(object(planned, "rule"), "object_ownership") as s3.ObjectOwnership;
      return client.send(
        new s3.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } }),
      );
    }),
    aws_s3_bucket_lifecycle_configuration: setting((planned, Bucket) => {
      const Rules = objects(planned, "rule").map((rule) => ({
        ID: text(rule, "id"),
        Status: text(rule, "status") as s3.ExpirationStatus,
        Filter: { Prefix: "" },
        AbortIncompleteMultipartUpload: {
          DaysAfterInitiation: number(object(rule, "abort_incomplete_multipart_upload"), "days_after_initiation", 7),
        },
      }));
      return client.send(new s3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    }),
    aws_s3_bucket_policy: {
      ...setting((planned, Bucket) =>
        client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy: text(planned, "policy") })),
      ),
      async read(state) {
        const found = await orNull(client.send(new s3.GetBucketPolicyCommand({ Bucket: text(state, "bucket") })));
        if (found === null) return null;
        return sameJson(found.Policy ?? "{}", text(state, "policy")) ? {} : { policy: found.Policy ?? "" };
      },
      delete: async (state) =>
        void (await client.send(new s3.DeleteBucketPolicyCommand({ Bucket: text(state, "bucket") }))),
    },
    aws_s3_object: objectType(client, folder),
  };
}

function objectType(client: s3.S3Client, folder: string): ResourceBehaviour {
  const putObject = async (planned: Values): Promise<Values> => {
    const [Bucket, Key] = [text(planned, "bucket"), text(planned, "key")];
    const Body = await readFile(resolve(folder, text(planned, "source")));
    const made = await client.send(new s3.PutObjectCommand({ Bucket, Key, Body }));
    const arn = `arn:aws:s3:::${Bucket}/${Key}`;
    return known({
      id: `${Bucket}/${Key}`,
      arn,
      etag: made.ETag?.replaceAll('"', ""),
      version_id: made.VersionId ?? "",
    });
  };
  return {
    create: putObject,
    update: putObject,
    async read(state) {
      const [Bucket, Key] = [text(state, "bucket"), text(state, "key")];
      const found = await orNull(client.send(new s3.HeadObjectCommand({ Bucket, Key })));
      return found === null ? null : known({ etag: found.ETag?.replaceAll('"', "") });
    },
    async delete(state) {
      const [Bucket, Key] = [text(state, "bucket"), text(state, "key")];
      await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
    },
  };
}
