import type { Values } from "../../terraform/behaviour.ts";
import { iamArn, regionalArn } from "../account.ts";
import { text } from "../resources/values.ts";
import { changed, on, type Place, type TypeAccess, tagsChanged } from "./access.ts";

/** IAM and CloudWatch Logs and alarms (terraform-provider-aws, internal/service/{iam,logs,cloudwatch}). */
export function identityAccess(
  place: Place,
  arnOfRole: (name: string) => string | undefined,
): Record<string, TypeAccess> {
  const roleArn = (name: string, path = "/") => iamArn(place, `role${path}${name}`);
  const roleOf = (values: Values) => arnOfRole(text(values, "role")) ?? roleArn(text(values, "role"));
  return {
    aws_iam_role: {
      create: (planned) => {
        const arn = roleArn(text(planned, "name"), text(planned, "path") || "/");
        return [...on("iam", arn, "CreateRole", "TagRole"), ...readRole(arn)];
      },
      read: (state) => readRole(text(state, "arn")),
      update: (planned, prior) => [
        ...(changed(planned, prior, "assume_role_policy")
          ? on("iam", text(prior, "arn"), "UpdateAssumeRolePolicy")
          : []),
        ...(changed(planned, prior, "permissions_boundary")
          ? on(
              "iam",
              text(prior, "arn"),
              `${text(planned, "permissions_boundary") === "" ? "Delete" : "Put"}RolePermissionsBoundary`,
            )
          : []),
        ...(changed(planned, prior, "description") ? on("iam", text(prior, "arn"), "UpdateRoleDescription") : []),
        ...(tagsChanged(planned, prior) ? on("iam", text(prior, "arn"), "TagRole", "UntagRole") : []),
      ],
      // It detaches and deletes nothing of its own accord, but lists what would be in the way.
      delete: (state) => on("iam", text(state, "arn"), "ListInstanceProfilesForRole", "DeleteRole"),
    },
    aws_iam_role_policy: {
      create: (planned) => on("iam", roleOf(planned), "PutRolePolicy", "GetRolePolicy"),
      read: (state) => on("iam", roleOf(state), "GetRolePolicy"),
      update: (planned) => on("iam", roleOf(planned), "PutRolePolicy", "GetRolePolicy"),
      delete: (state) => on("iam", roleOf(state), "DeleteRolePolicy"),
    },
    aws_cloudwatch_log_group: {
      create: (planned) => [
        ...on("logs", groupArn(place, text(planned, "name")), "CreateLogGroup", "TagResource", "PutRetentionPolicy"),
        ...readGroup(place, text(planned, "name")),
      ],
      read: (state) => readGroup(place, text(state, "name")),
      update: (planned, prior) => [
        ...(changed(planned, prior, "retention_in_days")
          ? on("logs", groupArn(place, text(prior, "name")), "PutRetentionPolicy")
          : []),
        ...(changed(planned, prior, "kms_key_id")
          ? on(
              "logs",
              groupArn(place, text(prior, "name")),
              text(planned, "kms_key_id") === "" ? "DisassociateKmsKey" : "AssociateKmsKey",
            )
          : []),
        ...(tagsChanged(planned, prior)
          ? on("logs", groupArn(place, text(prior, "name")), "TagResource", "UntagResource")
          : []),
      ],
      delete: (state) => on("logs", groupArn(place, text(state, "name")), "DeleteLogGroup"),
    },
    aws_cloudwatch_log_metric_filter: {
      create: (planned) => filterAccess(place, planned, "PutMetricFilter"),
      read: (state) => filterAccess(place, state),
      update: (planned) => filterAccess(place, planned, "PutMetricFilter"),
      delete: (state) => filterAccess(place, state, "DeleteMetricFilter"),
    },
    aws_cloudwatch_dashboard: {
      create: (planned) => dashboard(place, planned, "PutDashboard", "GetDashboard"),
      read: (state) => dashboard(place, state, "GetDashboard"),
      update: (planned) => dashboard(place, planned, "PutDashboard", "GetDashboard"),
      delete: (state) => dashboard(place, state, "DeleteDashboards"),
    },
    // None of these names what it is about (Service Authorization Reference, CloudWatch Logs).
    aws_cloudwatch_query_definition: {
      create: () => on("logs", "*", "PutQueryDefinition", "DescribeQueryDefinitions"),
      read: () => on("logs", "*", "DescribeQueryDefinitions"),
      update: () => on("logs", "*", "PutQueryDefinition", "DescribeQueryDefinitions"),
      delete: () => on("logs", "*", "DeleteQueryDefinition"),
    },
    aws_cloudwatch_metric_alarm: {
      create: (planned) => alarm(place, text(planned, "alarm_name"), "PutMetricAlarm", "TagResource"),
      read: (state) => alarm(place, text(state, "alarm_name")),
      update: (planned, prior) => [
        ...alarm(place, text(planned, "alarm_name"), "PutMetricAlarm"),
        ...(tagsChanged(planned, prior)
          ? alarm(place, text(planned, "alarm_name"), "TagResource", "UntagResource")
          : []),
      ],
      delete: (state) => alarm(place, text(state, "alarm_name"), "DeleteAlarms"),
    },
  };
}

const readRole = (arn: string) => on("iam", arn, "GetRole", "ListRolePolicies", "ListAttachedRolePolicies");
const groupArn = (place: Place, name: string) => regionalArn(place, "logs", `log-group:${name}`);
/** The service names no group when it lists them. */
const readGroup = (place: Place, name: string) => [
  ...on("logs", "*", "DescribeLogGroups"),
  ...on("logs", groupArn(place, name), "ListTagsForResource"),
];
const filterAccess = (place: Place, values: Parameters<TypeAccess["read"]>[0], ...names: string[]) =>
  on("logs", groupArn(place, text(values, "log_group_name")), ...names, "DescribeMetricFilters");
const alarm = (place: Place, name: string, ...names: string[]) =>
  on(
    "cloudwatch",
    regionalArn(place, "cloudwatch", `alarm:${name}`),
    ...names,
    "DescribeAlarms",
    "ListTagsForResource",
  );

// Dashboards belong to no Region.
function dashboard(place: Place, values: Values, ...actions: string[]) {
  return on(
    "cloudwatch",
    `arn:aws:cloudwatch::${place.accountId}:dashboard/${text(values, "dashboard_name")}`,
    ...actions,
  );
}
