/**
 * A second back end for the lab's provider server: what Terraform's types do to an account that answers AWS's own APIs,
 * called through AWS's own clients. Create, read, update and delete of the types that the module has, and nothing else.
 */
import * as cw from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as ddb from "@aws-sdk/client-dynamodb";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as microvms from "@aws-sdk/client-lambda-microvms";
import * as s3 from "@aws-sdk/client-s3";
import * as scheduler from "@aws-sdk/client-scheduler";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import { number, text, textMap } from "../../lab/aws/resources/values.ts";
import type { ProviderBehaviour, ResourceBehaviour, Values } from "../../lab/terraform/behaviour.ts";
import { known, orNull, sameJson } from "./answers.ts";
import { lambdaTypes } from "./function-operations.ts";
import { imageTypes, stackType } from "./image-operations.ts";
import { queryType } from "./query-operations.ts";
import { scheduleType, storageTypes, tableType } from "./storage-operations.ts";
import { watchTypes } from "./watch-operations.ts";

export interface Target {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Where Terraform runs: what the paths of files start from. */
  workingDirectory: string;
}

export function createOperations(target: Target): { aws: ProviderBehaviour; awscc: ProviderBehaviour } {
  const { endpoint, region, credentials } = target;
  const config = { endpoint, region, credentials };
  const images = new microvms.LambdaMicrovmsClient(config);
  const resources = {
    ...iamTypes(new iam.IAMClient(config)),
    ...lambdaTypes(new lambda.LambdaClient(config), target.workingDirectory),
    ...messagingTypes(new sqs.SQSClient(config), new ssm.SSMClient(config)),
    ...watchTypes(new cw.CloudWatchClient(config), new logs.CloudWatchLogsClient(config)),
    ...storageTypes(new s3.S3Client({ ...config, forcePathStyle: true }), target.workingDirectory),
    aws_dynamodb_table: tableType(new ddb.DynamoDBClient(config)),
    aws_cloudformation_stack: stackType(images),
    aws_cloudwatch_query_definition: queryType(new logs.CloudWatchLogsClient(config), region),
    aws_scheduler_schedule: scheduleType(new scheduler.SchedulerClient(config)),
  };
  return { aws: { resources }, awscc: imageTypes(images, region) };
}

function iamTypes(client: iam.IAMClient): Record<string, ResourceBehaviour> {
  const putPolicy = async (planned: Values): Promise<Values> => {
    const [RoleName, PolicyName] = [text(planned, "role"), text(planned, "name")];
    await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: text(planned, "policy") }));
    return { id: `${RoleName}:${PolicyName}` };
  };
  return {
    aws_iam_role: {
      async create(planned) {
        const RoleName = text(planned, "name");
        const { Role } = await client.send(
          new iam.CreateRoleCommand({
            RoleName,
            Path: text(planned, "path") || "/",
            Description: text(planned, "description"),
            AssumeRolePolicyDocument: text(planned, "assume_role_policy"),
            Tags: Object.entries(textMap(planned, "tags_all")).map(([Key, Value]) => ({ Key, Value })),
          }),
        );
        return known({
          id: RoleName,
          arn: Role?.Arn,
          unique_id: Role?.RoleId,
          create_date: Role?.CreateDate?.toISOString(),
        });
      },
      async read(state) {
        const found = await orNull(client.send(new iam.GetRoleCommand({ RoleName: text(state, "name") })));
        return found === null ? null : known({ description: found.Role?.Description, path: found.Role?.Path });
      },
      async update(planned) {
        const [RoleName, PolicyDocument] = [text(planned, "name"), text(planned, "assume_role_policy")];
        await client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
        return {};
      },
      delete: async (state) => void (await client.send(new iam.DeleteRoleCommand({ RoleName: text(state, "name") }))),
    },
    aws_iam_role_policy: {
      create: putPolicy,
      update: putPolicy,
      async read(state) {
        const [RoleName, PolicyName] = [text(state, "role"), text(state, "name")];
        const found = await orNull(client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName })));
        if (found === null) return null;
        const document = decodeURIComponent(found.PolicyDocument ?? "");
        return sameJson(document, text(state, "policy")) ? {} : { policy: document };
      },
      async delete(state) {
        const [RoleName, PolicyName] = [text(state, "role"), text(state, "name")];
        await client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName }));
      },
    },
  };
}

function messagingTypes(queues: sqs.SQSClient, parameters: ssm.SSMClient): Record<string, ResourceBehaviour> {
  const attributesOf = (planned: Values): Record<string, string> => ({
    VisibilityTimeout: String(number(planned, "visibility_timeout_seconds", 30)),
    MessageRetentionPeriod: String(number(planned, "message_retention_seconds", 345_600)),
    ...(text(planned, "redrive_policy") === "" ? {} : { RedrivePolicy: text(planned, "redrive_policy") }),
  });
  const setPolicy = async (planned: Values): Promise<Values> => {
    const QueueUrl = text(planned, "queue_url");
    await queues.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: text(planned, "policy") } }));
    return { id: QueueUrl };
  };
  const put = async (planned: Values): Promise<Values> => {
    const [Name, Value, Type] = [
      text(planned, "name"),
      text(planned, "value"),
      text(planned, "type") as ssm.ParameterType,
    ];
    const Tier = text(planned, "tier") as ssm.ParameterTier;
    const made = await parameters.send(
      new ssm.PutParameterCommand({
        Name,
        Value,
        Type,
        Overwrite: true,
        ...(Tier ? { Tier } : {}),
        Description: text(planned, "description"),
      }),
    );
    return known({ id: Name, version: made.Version });
  };
  return {
    aws_sqs_queue: {
      async create(planned) {
        const QueueName = text(planned, "name");
        const { QueueUrl = "" } = await queues.send(
          new sqs.CreateQueueCommand({ QueueName, Attributes: attributesOf(planned) }),
        );
        const { Attributes } = await queues.send(
          new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
        );
        return known({ id: QueueUrl, url: QueueUrl, arn: Attributes?.QueueArn });
      },
      async read(state) {
        const QueueUrl = text(state, "id");
        const found = await orNull(
          queues.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] })),
        );
        if (found === null) return null;
        const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = found.Attributes ?? {};
        const redrive = text(state, "redrive_policy");
        return {
          visibility_timeout_seconds: Number(VisibilityTimeout),
          message_retention_seconds: Number(MessageRetentionPeriod),
          ...(redrive === "" || sameJson(redrive, RedrivePolicy ?? "{}")
            ? {}
            : { redrive_policy: RedrivePolicy ?? "" }),
        };
      },
      async update(planned) {
        await queues.send(
          new sqs.SetQueueAttributesCommand({ QueueUrl: text(planned, "id"), Attributes: attributesOf(planned) }),
        );
        return {};
      },
      delete: async (state) => void (await queues.send(new sqs.DeleteQueueCommand({ QueueUrl: text(state, "id") }))),
    },
    aws_sqs_queue_policy: {
      create: setPolicy,
      update: setPolicy,
      delete: async (state) => void (await setPolicy({ ...state, policy: "" })),
    },
    aws_ssm_parameter: {
      async create(planned) {
        const made = await put(planned);
        const { Parameter } = await parameters.send(new ssm.GetParameterCommand({ Name: text(planned, "name") }));
        return { ...made, ...known({ arn: Parameter?.ARN }) };
      },
      update: put,
      async read(state) {
        const found = await orNull(
          parameters.send(new ssm.GetParameterCommand({ Name: text(state, "name"), WithDecryption: true })),
        );
        return found === null ? null : known({ value: found.Parameter?.Value, version: found.Parameter?.Version });
      },
      delete: async (state) =>
        void (await parameters.send(new ssm.DeleteParameterCommand({ Name: text(state, "name") }))),
      volatile: ["version"],
    },
  };
}
