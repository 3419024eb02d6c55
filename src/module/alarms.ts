import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { Construct } from "constructs";
import { because, call, conditional, times } from "../hcl/build.ts";
import { explain } from "../synth/explain.ts";
import { asAny, asList, asNumber, asStringMap } from "../synth/hcl-token.ts";
import { ALARMS, type AlarmSpec, describe, type Watched } from "./alarm-list.ts";
import type { Queue } from "./queue.ts";
import { input, local } from "./reference.ts";

const PERIOD_SECONDS = times(5, 60);

export interface AlarmsProps {
  readonly queue: Queue;
  readonly functions: Readonly<Record<"dispatcher" | "prune" | "redeliver" | "refresh", LambdaFunction>>;
}

/** What wakes a person. */
export class Alarms extends Construct {
  private readonly props: AlarmsProps;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.props = props;
    for (const spec of ALARMS) this.add(spec);
  }

  private add(spec: AlarmSpec): void {
    const [datapointsToAlarm, evaluationPeriods] = spec.datapoints;
    const { missing = "notBreaching", periodSeconds = PERIOD_SECONDS } = spec;
    const alarm = new CloudwatchMetricAlarm(this, `alarm.${spec.name.replaceAll("-", "_")}`, {
      count: asNumber(conditional(call("contains", input("alarms_left_out"), spec.name), 0, 1)),
      alarmName: `${input("name_prefix")}-${spec.name}`,
      alarmDescription: describe(spec),
      ...this.watch(spec.watched, asNumber(periodSeconds)),
      evaluationPeriods,
      datapointsToAlarm,
      threshold: asNumber(spec.threshold),
      comparisonOperator: spec.below ? "LessThanThreshold" : "GreaterThanThreshold",
      treatMissingData: missing,
      alarmActions: asList(input("alarm_actions")),
      okActions: asList(input("alarm_actions")),
      ...(missing === "missing"
        ? {
            insufficientDataActions: asList(
              because(
                input("alarm_actions"),
                "A schedule that stops is told so; a new alarm begins in that state, so the first apply tells nobody.",
              ),
            ),
          }
        : {}),
      tags: asStringMap(local("tags")),
    });
    if (spec === ALARMS[0]) explain(alarm, "An alarm without actions is still to be seen in CloudWatch.");
  }

  private watch(watched: Watched, period: number): Partial<CloudwatchMetricAlarmConfig> {
    const { queue, functions } = this.props;
    const ofFunction = (name: keyof AlarmsProps["functions"]) => ({ FunctionName: functions[name].functionName });
    const sum = (id: string, namespace: string, metricName: string, dimensions?: Record<string, string>) => ({
      id,
      metric: { namespace, metricName, ...(dimensions === undefined ? {} : { dimensions }), stat: "Sum", period },
    });
    if ("own" in watched) {
      const { name: metricName, unit } = watched.own;
      const counted = sum("counted", input("name_prefix"), metricName);
      if (watched.statistic === undefined) {
        const { errorsOf } = watched;
        const errors = errorsOf === undefined ? [] : [sum("errors", "AWS/Lambda", "Errors", ofFunction(errorsOf))];
        return { metricQuery: [sumOfFilled(metricName, [counted, ...errors]), counted, ...errors] };
      }
      return { namespace: input("name_prefix"), metricName, unit, statistic: watched.statistic, period };
    }
    if ("queue" in watched) {
      const dimensions = { QueueName: queue[watched.queue].name };
      return { namespace: "AWS/SQS", metricName: watched.metric, dimensions, statistic: "Maximum", period };
    }
    if ("function" in watched) {
      const dimensions = ofFunction(watched.function);
      return { namespace: "AWS/Lambda", metricName: watched.metric, dimensions, statistic: "Sum", period };
    }
    const dimensions = ofFunction(watched.failures);
    const both = ["Errors", "Throttles"].map((name) => sum(name.toLowerCase(), "AWS/Lambda", name, dimensions));
    return { metricQuery: [sumOfFilled("Errors and throttles", both), ...both] };
  }
}

// Where a metric has no value in a period, FILL gives it one.
function sumOfFilled(label: string, metrics: readonly { readonly id: string }[]) {
  const expression = metrics.map(({ id }) => `FILL(${id}, 0)`).join(" + ");
  return { id: "filled", label, expression, returnData: asAny(true) };
}
