/** Metrics, alarms, logs and dashboards: types of hashicorp/aws, as operations.ts has others. */
import * as cw from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { number, object, objects, text, textMap, texts } from "../../lab/aws/resources/values.ts";
import type { ResourceBehaviour, Values } from "../../lab/terraform/behaviour.ts";
import { known, orNull, sameJson } from "./answers.ts";

const dimensionsOf = (values: Values) =>
  Object.entries(textMap(values, "dimensions")).map(([Name, Value]) => ({ Name, Value }));

/** Of one metric, or of what is computed from several. */
function alarmOf(planned: Values) {
  const queries = objects(planned, "metric_query");
  const one = {
    MetricName: text(planned, "metric_name"),
    Namespace: text(planned, "namespace"),
    Period: number(planned, "period", 60),
    Statistic: text(planned, "statistic") as cw.Statistic,
    Dimensions: dimensionsOf(planned),
  };
  const Metrics = queries.map((query): cw.MetricDataQuery => {
    const [metric, Expression] = [object(query, "metric"), text(query, "expression")];
    const Metric = { MetricName: text(metric, "metric_name"), Namespace: text(metric, "namespace") };
    const MetricStat = {
      ...{ Period: number(metric, "period", 60), Stat: text(metric, "stat") },
      Metric: { ...Metric, Dimensions: dimensionsOf(metric) },
    };
    const of = Expression === "" ? { MetricStat } : { Expression };
    return { Id: text(query, "id"), ReturnData: query.return_data === true, ...of };
  });
  return {
    AlarmDescription: text(planned, "alarm_description"),
    ActionsEnabled: planned.actions_enabled !== false,
    AlarmActions: texts(planned, "alarm_actions"),
    OKActions: texts(planned, "ok_actions"),
    ComparisonOperator: text(planned, "comparison_operator") as cw.ComparisonOperator,
    EvaluationPeriods: number(planned, "evaluation_periods", 1),
    Threshold: number(planned, "threshold", 0),
    TreatMissingData: text(planned, "treat_missing_data") || "missing",
    ...(queries.length === 0 ? one : { Metrics }),
  };
}

export function watchTypes(
  alarms: cw.CloudWatchClient,
  groups: logs.CloudWatchLogsClient,
): Record<string, ResourceBehaviour> {
  const putAlarm = async (planned: Values): Promise<Values> => {
    const AlarmName = text(planned, "alarm_name");
    await alarms.send(new cw.PutMetricAlarmCommand({ AlarmName, ...alarmOf(planned) }));
    const found = await alarms.send(new cw.DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
    return known({ id: AlarmName, arn: found.MetricAlarms?.[0]?.AlarmArn });
  };
  const putFilter = async (planned: Values): Promise<Values> => {
    const transformation = object(planned, "metric_transformation");
    await groups.send(
      new logs.PutMetricFilterCommand({
        logGroupName: text(planned, "log_group_name"),
        filterName: text(planned, "name"),
        filterPattern: text(planned, "pattern"),
        metricTransformations: [
          {
            metricName: text(transformation, "name"),
            metricNamespace: text(transformation, "namespace"),
            metricValue: text(transformation, "value"),
          },
        ],
      }),
    );
    return { id: text(planned, "name") };
  };
  const findGroup = async (values: Values) => {
    const logGroupNamePrefix = text(values, "name");
    const { logGroups } = await groups.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix }));
    return logGroups?.find(({ logGroupName }) => logGroupName === logGroupNamePrefix);
  };
  const retain = async (planned: Values): Promise<Values> => {
    const [logGroupName, retentionInDays] = [text(planned, "name"), number(planned, "retention_in_days", 0)];
    await groups.send(new logs.PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    return {};
  };
  return {
    aws_cloudwatch_metric_alarm: {
      create: putAlarm,
      update: putAlarm,
      async read(state) {
        const found = await alarms.send(new cw.DescribeAlarmsCommand({ AlarmNames: [text(state, "alarm_name")] }));
        const [alarm] = found.MetricAlarms ?? [];
        return alarm === undefined
          ? null
          : known({ threshold: alarm.Threshold, metric_name: alarm.MetricName || null });
      },
      async delete(state) {
        await alarms.send(new cw.DeleteAlarmsCommand({ AlarmNames: [text(state, "alarm_name")] }));
      },
    },
    aws_cloudwatch_dashboard: dashboardType(alarms),
    aws_cloudwatch_log_metric_filter: {
      create: putFilter,
      update: putFilter,
      async read(state) {
        const logGroupName = text(state, "log_group_name");
        const found = await orNull(groups.send(new logs.DescribeMetricFiltersCommand({ logGroupName })));
        const filter = found?.metricFilters?.find(({ filterName }) => filterName === text(state, "name"));
        return filter === undefined ? null : known({ pattern: filter.filterPattern });
      },
      async delete(state) {
        const [logGroupName, filterName] = [text(state, "log_group_name"), text(state, "name")];
        await groups.send(new logs.DeleteMetricFilterCommand({ logGroupName, filterName }));
      },
    },
    aws_cloudwatch_log_group: {
      async create(planned) {
        await groups.send(new logs.CreateLogGroupCommand({ logGroupName: text(planned, "name") }));
        await retain(planned);
        const arn = (await findGroup(planned))?.arn?.replace(/:\*$/, "");
        return known({ id: text(planned, "name"), arn });
      },
      update: retain,
      async read(state) {
        const group = await findGroup(state);
        return group === undefined ? null : known({ retention_in_days: group.retentionInDays ?? 0 });
      },
      async delete(state) {
        await groups.send(new logs.DeleteLogGroupCommand({ logGroupName: text(state, "name") }));
      },
    },
  };
}

function dashboardType(client: cw.CloudWatchClient): ResourceBehaviour {
  const putDashboard = async (planned: Values): Promise<Values> => {
    const [DashboardName, DashboardBody] = [text(planned, "dashboard_name"), text(planned, "dashboard_body")];
    await client.send(new cw.PutDashboardCommand({ DashboardName, DashboardBody }));
    const found = await client.send(new cw.GetDashboardCommand({ DashboardName }));
    return known({ id: DashboardName, dashboard_arn: found.DashboardArn });
  };
  return {
    create: putDashboard,
    update: putDashboard,
    async read(state) {
      const DashboardName = text(state, "dashboard_name");
      const found = await orNull(client.send(new cw.GetDashboardCommand({ DashboardName })));
      if (found === null) return null;
      const body = found.DashboardBody ?? "{}";
      return sameJson(body, text(state, "dashboard_body")) ? {} : { dashboard_body: body };
    },
    async delete(state) {
      await client.send(new cw.DeleteDashboardsCommand({ DashboardNames: [text(state, "dashboard_name")] }));
    },
  };
}
