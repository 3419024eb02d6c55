import type { Values } from "../../terraform/behaviour.ts";
import { regionalArn } from "../account.ts";
import { object, text } from "../resources/values.ts";
import { changed, chooseTableKey, on, type Place, passRole, type TypeAccess, tagsChanged, useKey } from "./access.ts";

/**
 * Queues, parameters, the table and schedules (terraform-provider-aws, internal/service/{sqs,ssm,dynamodb,scheduler}).
 */
export function messagingAccess(place: Place): Record<string, TypeAccess> {
  const queue = (name: string) => regionalArn(place, "sqs", name);
  const queueOf = (url: string) => queue(url.split("/").at(-1) ?? "");
  const parameter = (name: string) => regionalArn(place, "ssm", `parameter/${name.replace(/^\//, "")}`);
  const table = (name: string) => regionalArn(place, "dynamodb", `table/${name}`);
  const readQueue = (arn: string) => on("sqs", arn, "GetQueueAttributes", "ListQueueTags");
  // SSM guide, how Parameter Store uses KMS: of a standard parameter Encrypt to write, Decrypt to read.
  const writeParameter = (arn: string, values: Values, ...more: string[]) => [
    ...on("ssm", arn, "PutParameter", ...more),
    ...useKey(text(values, "key_id"), "Encrypt"),
  ];
  const readParameter = (arn: string, values: Values) => [
    ...on("ssm", arn, "GetParameter", "ListTagsForResource"),
    ...on("ssm", "*", "DescribeParameters"),
    ...useKey(text(values, "key_id"), "Decrypt"),
  ];
  const tableKey = (values: Values) => text(object(values, "server_side_encryption"), "kms_key_arn");
  const readTable = (arn: string) =>
    on("dynamodb", arn, "DescribeTable", "DescribeContinuousBackups", "DescribeTimeToLive", "ListTagsOfResource");
  const schedule = (name: string) => regionalArn(place, "scheduler", `schedule/default/${name}`);
  return {
    aws_sqs_queue: {
      create: (planned) => [
        ...on("sqs", queue(text(planned, "name")), "CreateQueue", "TagQueue"),
        ...readQueue(queue(text(planned, "name"))),
      ],
      read: (state) => readQueue(text(state, "arn")),
      update: (planned, prior) => [
        ...on("sqs", text(prior, "arn"), "SetQueueAttributes"),
        ...(tagsChanged(planned, prior) ? on("sqs", text(prior, "arn"), "TagQueue", "UntagQueue") : []),
      ],
      delete: (state) => on("sqs", text(state, "arn"), "DeleteQueue"),
    },
    aws_sqs_queue_policy: {
      create: (planned) => on("sqs", queueOf(text(planned, "queue_url")), "SetQueueAttributes", "GetQueueAttributes"),
      read: (state) => on("sqs", queueOf(text(state, "queue_url")), "GetQueueAttributes"),
      update: (planned) => on("sqs", queueOf(text(planned, "queue_url")), "SetQueueAttributes"),
      delete: (state) => on("sqs", queueOf(text(state, "queue_url")), "SetQueueAttributes"),
    },
    aws_ssm_parameter: {
      create: (planned) => [
        ...writeParameter(parameter(text(planned, "name")), planned, "AddTagsToResource"),
        ...readParameter(parameter(text(planned, "name")), planned),
      ],
      read: (state) => readParameter(text(state, "arn"), state),
      update: (planned, prior) => [
        ...writeParameter(text(prior, "arn"), planned),
        ...(tagsChanged(planned, prior)
          ? on("ssm", text(prior, "arn"), "AddTagsToResource", "RemoveTagsFromResource")
          : []),
      ],
      delete: (state) => on("ssm", text(state, "arn"), "DeleteParameter"),
    },
    aws_dynamodb_table: {
      create: (planned) => [
        ...on("dynamodb", table(text(planned, "name")), "CreateTable", "TagResource", "UpdateTimeToLive"),
        ...chooseTableKey(tableKey(planned)),
        ...readTable(table(text(planned, "name"))),
      ],
      read: (state) => readTable(text(state, "arn")),
      update: (planned, prior) => [
        ...(changed(planned, prior, "point_in_time_recovery")
          ? on("dynamodb", text(prior, "arn"), "UpdateContinuousBackups")
          : []),
        ...(changed(planned, prior, "server_side_encryption")
          ? [...on("dynamodb", text(prior, "arn"), "UpdateTable"), ...chooseTableKey(tableKey(planned))]
          : []),
        ...(tagsChanged(planned, prior) ? on("dynamodb", text(prior, "arn"), "TagResource", "UntagResource") : []),
      ],
      delete: (state) => on("dynamodb", text(state, "arn"), "DeleteTable", "DescribeTable"),
    },
    aws_scheduler_schedule: {
      create: (planned) => [
        passRole(roleOf(planned), "scheduler.amazonaws.com"),
        ...on("scheduler", schedule(text(planned, "name")), "CreateSchedule", "GetSchedule"),
      ],
      read: (state) => on("scheduler", schedule(text(state, "name")), "GetSchedule"),
      update: (planned) => [
        passRole(roleOf(planned), "scheduler.amazonaws.com"),
        ...on("scheduler", schedule(text(planned, "name")), "UpdateSchedule"),
      ],
      delete: (state) => on("scheduler", schedule(text(state, "name")), "DeleteSchedule"),
    },
  };
}

function roleOf(planned: Parameters<TypeAccess["read"]>[0]): string {
  const [target] = Array.isArray(planned.target) ? planned.target : [];
  return typeof target === "object" && target !== null && !Array.isArray(target) ? text(target, "role_arn") : "";
}
