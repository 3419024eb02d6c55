import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group/index.js";
import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter/index.js";
import { Construct } from "constructs";
import {
  countedValue,
  type LoggingFunction,
  METRICS,
  type Metric,
  type MetricSource,
  patternOf,
} from "../../contract/metrics.ts";
import { explain } from "../synth/explain.ts";
import { input } from "./reference.ts";

export interface MetricsProps {
  readonly logs: Readonly<Record<LoggingFunction, CloudwatchLogGroup>>;
}

/** What CloudWatch counts of the functions' log lines. */
export class Metrics extends Construct {
  constructor(scope: Construct, id: string, { logs }: MetricsProps) {
    super(scope, id);
    const metrics: readonly Metric[] = Object.values(METRICS);
    for (const { name, unit, sources, restsAt } of metrics) {
      for (const source of sources) {
        const words = [...wordsOf(name), ...(sources.length > 1 ? whichOf(source) : [])];
        const filter = new CloudwatchLogMetricFilter(this, `filter.${words.join("_")}`, {
          name: `${input("name_prefix")}-${words.join("-")}`,
          logGroupName: logs[source.log].name,
          pattern: patternOf(source),
          metricTransformation: {
            ...{ name, namespace: input("name_prefix"), value: countedValue(source), unit },
            ...(restsAt === undefined ? {} : { defaultValue: String(restsAt) }),
          },
        });
        if (metrics[0]?.name === name && source === sources[0]) {
          explain(filter, "A metric that nothing reports to costs nothing, so there is no default value.");
        }
      }
    }
  }
}

function wordsOf(name: string): string[] {
  return (name.match(/GitHub|[A-Z][a-z]+/g) ?? []).map((word) => word.toLowerCase());
}

function whichOf({ log, lines }: MetricSource): string[] {
  return [...("event" in lines ? lines.event.split(".") : [lines.level]), log];
}
