import { number, object, objects, text, textMap, texts } from "../aws/resources/values.ts";
import type { Values } from "../terraform/behaviour.ts";

/** One metric that an alarm reads. */
export interface WatchedMetric {
  namespace: string;
  name: string;
  /** Its dimensions' values, which are names of queues and functions. */
  of: string;
  statistic: string;
}

export interface Alarm {
  name: string;
  description: string;
  /** The metric, or those that an expression adds up, each filled with 0 where it has no value. */
  metrics: readonly WatchedMetric[];
  filled: boolean;
  periodSeconds: number;
  periods: number;
  datapoints: number;
  threshold: number;
  comparison: "GreaterThanThreshold" | "LessThanThreshold";
  missing: "missing" | "ignore" | "notBreaching" | "breaching";
  /** Whether somebody is told that it has no data. */
  tellsOfNoData: boolean;
}

export interface MetricFilter {
  logGroup: string;
  pattern: string;
  namespace: string;
  name: string;
  /** A number, or `$.field`. */
  value: string;
}

/** A query that Terraform saved. */
export interface AppliedQuery {
  name: string;
  logGroups: readonly string[];
  text: string;
}

/** What CloudWatch was told to count and to watch, and what to show and ask. */
export interface Monitoring {
  alarms: readonly Alarm[];
  filters: readonly MetricFilter[];
  queries: readonly AppliedQuery[];
  /** The body of the dashboard, where there is one. */
  dashboard?: string;
}

/** Reads what Terraform applied. */
export function monitoringOf(resources: readonly { type: string; values: Values }[]): Monitoring {
  const valuesOf = (type: string) => resources.filter((each) => each.type === type).map(({ values }) => values);
  const [dashboard] = valuesOf("aws_cloudwatch_dashboard");
  return {
    ...(dashboard === undefined ? {} : { dashboard: text(dashboard, "dashboard_body") }),
    queries: valuesOf("aws_cloudwatch_query_definition").map((values) => ({
      ...{
        name: text(values, "name"),
        logGroups: texts(values, "log_group_names"),
        text: text(values, "query_string"),
      },
    })),
    alarms: valuesOf("aws_cloudwatch_metric_alarm").map(alarmOf),
    filters: valuesOf("aws_cloudwatch_log_metric_filter").map((values) => {
      const metric = object(values, "metric_transformation");
      return {
        logGroup: text(values, "log_group_name"),
        pattern: text(values, "pattern"),
        namespace: text(metric, "namespace"),
        name: text(metric, "name"),
        value: text(metric, "value"),
      };
    }),
  };
}

const FILLED_SUM = /^FILL\((\w+), 0\)( \+ FILL\((\w+), 0\))*$/;

function alarmOf(values: Values): Alarm {
  const queries = objects(values, "metric_query");
  const expression = queries.map((query) => text(query, "expression")).find((each) => each !== "");
  if (expression !== undefined && !FILLED_SUM.test(expression)) {
    throw new Error(`the lab knows no expression such as ${expression}`);
  }
  const read = queries.flatMap((query) => objects(query, "metric"));
  const periods = number(values, "evaluation_periods", 1);
  return {
    name: text(values, "alarm_name"),
    description: text(values, "alarm_description"),
    metrics: read.length > 0 ? read.map((metric) => metricOf(metric, "stat")) : [metricOf(values, "statistic")],
    filled: expression !== undefined,
    periodSeconds: number(read[0] ?? values, "period", 0),
    periods,
    datapoints: number(values, "datapoints_to_alarm", periods),
    threshold: number(values, "threshold", 0),
    comparison: oneOf(text(values, "comparison_operator"), ["GreaterThanThreshold", "LessThanThreshold"]),
    missing: oneOf(text(values, "treat_missing_data"), ["missing", "ignore", "notBreaching", "breaching"]),
    tellsOfNoData: texts(values, "insufficient_data_actions").length > 0,
  };
}

function metricOf(values: Values, statistic: string): WatchedMetric {
  const of = Object.values(textMap(values, "dimensions")).join("/");
  const [namespace, name] = [text(values, "namespace"), text(values, "metric_name")];
  return { namespace, name, of, statistic: text(values, statistic) };
}

function oneOf<const Known extends string>(value: string, known: readonly Known[]): Known {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new Error(`the lab knows no ${value} of an alarm, only ${known.join(", ")}`);
  return found;
}
