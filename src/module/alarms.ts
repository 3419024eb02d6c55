import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter/index.js";
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
  type CloudwatchMetricAlarmMetricQueryMetric,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js";
import { Construct } from "constructs";
import { JOB_EXHAUSTED, RUNNER_DAYS_LEFT, RUNNER_REFUSED } from "../../contract/events.ts";
import { because, times } from "../hcl/build.ts";
import { explain } from "../synth/explain.ts";
import { asList, asNumber, asStringMap } from "../synth/hcl-token.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Prune } from "./prune.ts";
import type { Queue } from "./queue.ts";
import { input, local } from "./reference.ts";
import type { Refresh } from "./refresh.ts";

const PERIOD_SECONDS = because(
  times(5, 60),
  "The metrics are reported once a minute; five minutes even out a single late report.",
);
const MAX_AGE_SECONDS = because(
  times(30, 60),
  "A job that waits for capacity is no fault yet; one that nobody works off for this long is.",
);
const AGE_PERIODS = 3;
const DAYS_LEFT = 21;
/** Of all of the refresh function's lines that a person must see. */
const IMAGE_REFRESH_METRIC = "ImageRefreshErrors";

export interface AlarmsProps {
  readonly queue: Queue;
  readonly dispatcher: Dispatcher;
  readonly prune: Prune;
  readonly refresh: Refresh;
}

/** What tells a person that jobs fail or wait. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { queue, dispatcher, prune, refresh }: AlarmsProps) {
    super(scope, id);
    const common = {
      comparisonOperator: "GreaterThanThreshold",
      period: asNumber(PERIOD_SECONDS),
      // A queue that nobody has used for hours reports nothing.
      treatMissingData: "notBreaching",
      alarmActions: asList(input("alarm_actions")),
      okActions: asList(input("alarm_actions")),
      tags: asStringMap(local("tags")),
    } satisfies Partial<CloudwatchMetricAlarmConfig>;
    const ofQueue = { namespace: "AWS/SQS", statistic: "Maximum" } satisfies Partial<CloudwatchMetricAlarmConfig>;
    explain(
      new CloudwatchMetricAlarm(this, "alarm.dead_letters", {
        ...common,
        ...ofQueue,
        alarmName: `${input("name_prefix")}-dead-letters`,
        alarmDescription: "Jobs were given up: their messages are in the dead-letter queue",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: queue.deadLetters.name },
        threshold: 0,
        evaluationPeriods: 1,
      }),
      "An alarm without actions is still to be seen in CloudWatch.",
    );
    new CloudwatchMetricAlarm(this, "alarm.jobs_age", {
      ...common,
      ...ofQueue,
      alarmName: `${input("name_prefix")}-jobs-age`,
      alarmDescription: "Jobs wait: the dispatcher fails, or the account has no capacity for more MicroVMs",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: queue.jobs.name },
      threshold: asNumber(MAX_AGE_SECONDS),
      evaluationPeriods: AGE_PERIODS,
    });
    const exhausted = {
      name: JOB_EXHAUSTED.metric.name,
      namespace: input("name_prefix"),
    };
    new CloudwatchLogMetricFilter(this, "filter.jobs_exhausted", {
      name: `${input("name_prefix")}-jobs-exhausted`,
      logGroupName: dispatcher.logs.name,
      pattern: `{ $.event = "${JOB_EXHAUSTED.name}" }`,
      metricTransformation: { ...exhausted, value: "1", unit: JOB_EXHAUSTED.metric.unit },
    });
    new CloudwatchMetricAlarm(this, "alarm.jobs_exhausted", {
      ...common,
      alarmName: `${input("name_prefix")}-jobs-exhausted`,
      alarmDescription: "A job was given up: none of the MicroVMs launched for it came to run it",
      namespace: exhausted.namespace,
      metricName: exhausted.name,
      statistic: "Sum",
      threshold: 0,
      evaluationPeriods: 1,
    });
    new CloudwatchMetricAlarm(this, "alarm.prune_failed", {
      ...common,
      alarmName: `${input("name_prefix")}-prune-failed`,
      alarmDescription: "Old versions of the runner image stay and cost: the log of the prune function says why",
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: prune.lambda.functionName },
      statistic: "Sum",
      threshold: 0,
      evaluationPeriods: 1,
    });
    this.addRefresh(common, dispatcher, refresh);
  }

  private addRefresh(common: Partial<CloudwatchMetricAlarmConfig>, dispatcher: Dispatcher, refresh: Refresh): void {
    const namespace = input("name_prefix");
    const once = { ...common, namespace, statistic: "Sum", threshold: 0, evaluationPeriods: 1 } as const;
    const { name, unit } = RUNNER_REFUSED.metric;
    new CloudwatchLogMetricFilter(this, "filter.runner_refused", {
      name: `${namespace}-runner-refused`,
      logGroupName: dispatcher.logs.name,
      pattern: `{ $.event = "${RUNNER_REFUSED.name}" }`,
      metricTransformation: { name, namespace, value: "1", unit },
    });
    new CloudwatchMetricAlarm(this, "alarm.runner_refused", {
      ...once,
      comparisonOperator: "GreaterThanThreshold",
      alarmName: `${input("name_prefix")}-runner-refused`,
      alarmDescription: "GitHub refuses the runner of the image: jobs wait until the image is built with a newer one",
      metricName: name,
      unit,
    });
    this.addImageRefresh(common, refresh);
    const left = RUNNER_DAYS_LEFT.metric;
    new CloudwatchLogMetricFilter(this, "filter.runner_days_left", {
      name: `${input("name_prefix")}-runner-days-left`,
      logGroupName: refresh.logs.name,
      pattern: `{ $.event = "${RUNNER_DAYS_LEFT.name}" }`,
      metricTransformation: { name: left.name, namespace, value: `$.${left.value}`, unit: left.unit },
    });
    new CloudwatchMetricAlarm(this, "alarm.runner_days_left", {
      ...common,
      comparisonOperator: "LessThanThreshold",
      alarmName: `${input("name_prefix")}-runner-days-left`,
      alarmDescription: "In fewer than three weeks GitHub may stop giving jobs to the runner of the image",
      namespace,
      metricName: left.name,
      statistic: "Minimum",
      threshold: asNumber(because(DAYS_LEFT, "Left to itself the image never has fewer than 26: a person must look.")),
      evaluationPeriods: 1,
    });
  }

  private addImageRefresh(common: Partial<CloudwatchMetricAlarmConfig>, refresh: Refresh): void {
    const namespace = input("name_prefix");
    const { period, ...apartFromPeriod } = common;
    const summed = (
      id: string,
      metric: Pick<CloudwatchMetricAlarmMetricQueryMetric, "metricName" | "namespace" | "dimensions">,
    ) => ({
      id,
      metric: { ...metric, period: asNumber(PERIOD_SECONDS), stat: "Sum" },
    });
    new CloudwatchLogMetricFilter(this, "filter.image_refresh", {
      name: `${namespace}-image-refresh`,
      logGroupName: refresh.logs.name,
      pattern: '{ $.level = "error" }',
      // FILL makes nothing of a metric that was never seen.
      metricTransformation: { name: IMAGE_REFRESH_METRIC, namespace, value: "1", defaultValue: "0", unit: "Count" },
    });
    explain(
      new CloudwatchMetricAlarm(this, "alarm.image_refresh", {
        ...apartFromPeriod,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        evaluationPeriods: 1,
        alarmName: `${namespace}-image-refresh`,
        alarmDescription:
          "Building the runner image again failed, does not end, or rescued it from a refused runner: the log of the refresh function says which",
        metricQuery: [
          { id: "faults", expression: "FILL(told, 0) + FILL(failed, 0)", label: "Faults", returnData: true },
          summed("told", { namespace, metricName: IMAGE_REFRESH_METRIC }),
          summed("failed", {
            namespace: "AWS/Lambda",
            metricName: "Errors",
            dimensions: { FunctionName: refresh.lambda.functionName },
          }),
        ],
      }),
      "A function that runs out of time, or cannot start, says nothing itself: Lambda counts it.",
    );
  }
}
