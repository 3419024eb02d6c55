import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js";
import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import type { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function/index.js";
import { Construct } from "constructs";
import { type LoggingFunction, METRICS, type Metric } from "../../contract/metrics.ts";
import { savedQuery } from "../../contract/queries.ts";
import { call, conditional, ref } from "../hcl/build.ts";
import type { Literal } from "../hcl/model.ts";
import { explain } from "../synth/explain.ts";
import { asNumber, asString } from "../synth/hcl-token.ts";
import { ALARMS } from "./alarm-list.ts";
import { commandsOf } from "./queries.ts";
import type { Queue } from "./queue.ts";
import { input, local } from "./reference.ts";

export interface DashboardProps {
  readonly functions: Readonly<Record<"dispatcher" | "redeliver" | "webhook", LambdaFunction>>;
  readonly logs: Readonly<Record<LoggingFunction, CloudwatchLogGroup>>;
  readonly queue: Queue;
}

const PERIOD_SECONDS = 300;
const COLUMNS = 24;

interface Widget {
  readonly width: number;
  readonly height: number;
  readonly type: "metric" | "alarm" | "log";
  readonly properties: { readonly [name: string]: Literal };
}

/** What shows how it goes. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    explain(
      new CloudwatchDashboard(this, "dashboard.overview", {
        count: asNumber(conditional(input("dashboard"), 1, 0)),
        dashboardName: `${input("name_prefix")}-${asString(local("region"))}`,
        dashboardBody: asString(call("jsonencode", { widgets: placed([...widgetsOf(props), ...tablesOf(props)]) })),
      }),
      "Its name has the Region in it: dashboards of an account share their names over all Regions.",
    );
  }
}

function widgetsOf({ functions, queue }: DashboardProps): Widget[] {
  const own = ({ name }: Metric, stat: string, label: string): Literal => [input("name_prefix"), name, { stat, label }];
  const ofFunction = (name: keyof typeof functions, metric: string, stat: string): Literal => [
    "AWS/Lambda",
    metric,
    "FunctionName",
    functions[name].functionName,
    { stat, label: `${name} ${metric}` },
  ];
  const ofQueue = (name: "jobs" | "deadLetters", metric: string, label: string): Literal => [
    "AWS/SQS",
    metric,
    "QueueName",
    queue[name].name,
    { stat: "Maximum", label },
  ];
  const chart = (title: string, metrics: readonly Literal[], width = 8): Widget => ({
    ...{ type: "metric", width, height: 6 },
    properties: { title, metrics, view: "timeSeries", region: local("region"), period: PERIOD_SECONDS },
  });
  const number = (title: string, metric: Literal): Widget => ({
    ...{ type: "metric", width: 6, height: 3 },
    properties: { title, metrics: [metric], view: "singleValue", region: local("region"), setPeriodToTimeRange: true },
  });
  const alarms = ALARMS.map(({ name }) => ref(`aws_cloudwatch_metric_alarm.${name.replaceAll("-", "_")}[*].arn`));
  return [
    {
      ...{ type: "alarm", width: COLUMNS, height: 4 },
      properties: { title: "Alarms", alarms: call("flatten", alarms) },
    },
    number("Jobs run", own(METRICS.startSeconds, "SampleCount", "jobs")),
    number("Start, p90 in seconds", own(METRICS.startSeconds, "p90", "p90")),
    number("Longest wait in seconds", own(METRICS.waiting, "Maximum", "longest")),
    number("MicroVM seconds", own(METRICS.microvmSeconds, "Sum", "seconds")),
    chart(
      "Start in seconds",
      ["p50", "p90", "p99"].map((stat) => own(METRICS.startSeconds, stat, stat)),
    ),
    chart(
      "Run in seconds",
      ["p50", "p90"].map((stat) => own(METRICS.runSeconds, stat, stat)),
    ),
    chart("Longest wait, by reason", [
      own(METRICS.waitingDenied, "Maximum", "denied"),
      own(METRICS.waitingUnavailable, "Maximum", "unavailable"),
      own(METRICS.waitingGitHubLimit, "Maximum", "GitHub's limit"),
      own(METRICS.waitingNoRoom, "Maximum", "no room"),
      own(METRICS.waitingImage, "Maximum", "image"),
    ]),
    chart("MicroVMs", [
      own(METRICS.microvmSeconds, "SampleCount", "ended"),
      own(METRICS.wasted, "SampleCount", "launched anew"),
      own(METRICS.cutOff, "Sum", "cut off"),
    ]),
    chart("Queue", [
      ofQueue("jobs", "ApproximateNumberOfMessagesVisible", "to be taken"),
      ofQueue("jobs", "ApproximateNumberOfMessagesDelayed", "waiting"),
      ofQueue("deadLetters", "ApproximateNumberOfMessagesVisible", "dead letters"),
    ]),
    chart("Functions", [
      ofFunction("dispatcher", "Errors", "Sum"),
      ofFunction("dispatcher", "Throttles", "Sum"),
      ofFunction("webhook", "Errors", "Sum"),
      ofFunction("webhook", "Throttles", "Sum"),
      ofFunction("redeliver", "Errors", "Sum"),
    ]),
  ];
}

/** Saved queries, run over the time that the dashboard shows. */
function tablesOf({ logs }: DashboardProps): Widget[] {
  const table = (title: string, name: string, width: number, height: number): Widget => {
    const query = savedQuery(name);
    const text = call("join", "\n| ", [`SOURCE '${logs[query.log].name}'`, ...commandsOf(query)]);
    const properties = { title, query: text, view: "table", region: local("region") };
    return { ...{ type: "log", width, height }, properties };
  };
  return [
    table("Cost by class", "cost by class", 8, 4),
    table("Times by class", "times by class", 8, 4),
    table("Why jobs wait", "why jobs wait", 8, 4),
    table("Cost by repository", "cost by repository", 12, 6),
    table("Slowest starts", "slowest starts", 12, 6),
  ];
}

/** The widgets in rows, from left to right, each row as high as its first. */
function placed(widgets: readonly Widget[]): Literal[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return widgets.map(({ type, width, height, properties }) => {
    if (x + width > COLUMNS) [x, y] = [0, y + rowHeight];
    const at = { type, x, y, width, height, properties };
    [x, rowHeight] = [x + width, height];
    return at;
  });
}
