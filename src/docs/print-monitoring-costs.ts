import { METRICS } from "../../contract/metrics.ts";
import { ALARMS, type Watched } from "../module/alarm-list.ts";
import prices from "./cloudwatch-prices.json" with { type: "json" };

type Kind = keyof typeof prices.freeEachMonth;

/** What there is of each kind, and what it is called. */
const COUNTS: readonly { readonly kind: Kind; readonly what: string; readonly count: number }[] = [
  {
    ...{ kind: "alarmMetric", what: `${ALARMS.length} alarms, by the metrics that they look at` },
    count: ALARMS.reduce((sum, { watched }) => sum + metricsOf(watched), 0),
  },
  { kind: "metric", what: "Metrics, those that report", count: Object.keys(METRICS).length },
  { kind: "dashboard", what: "The dashboard", count: 1 },
];

/** What alarms, metrics and dashboard cost in a month, as Markdown, computed from what the module makes. */
export function printMonitoringCosts(): string {
  const rows = COUNTS.map(({ kind, what, count }) => {
    const left = Math.max(0, count - prices.freeEachMonth[kind]);
    return { what, count, usd: count * prices.usd[kind], reduced: left * prices.usd[kind] };
  });
  const sum = (of: "usd" | "reduced") => rows.reduce((all, row) => all + row[of], 0);
  const dollars = (usd: number) => `$${usd.toFixed(2)}`;
  const free = prices.freeEachMonth;
  const sources = Object.entries(prices.sources).map(
    ([source, kinds]) => `- ${source}: ${kinds.map(nameOf).join(", ")}`,
  );
  return [
    "| A month at most | | List price | With what is free |",
    "| --- | ---: | ---: | ---: |",
    ...rows.map(({ what, count, usd, reduced }) => `| ${what} | ${count} | ${dollars(usd)} | ${dollars(reduced)} |`),
    `| Together | | ${dollars(sum("usd"))} | ${dollars(sum("reduced"))} |`,
    "",
    `An account has ${free.alarmMetric} metrics of alarms, ${free.metric} metrics and ${free.dashboard} dashboards free each month. A metric is billed for the hours in which it`,
    `reports, and most of these do in trouble only. Logs are ${dollars(prices.usd.gigabyteLogged)} a gigabyte taken in, and $${prices.usd.gigabyteAsked} a gigabyte that a query reads.`,
    `Prices of ${prices.region}, read on ${prices.date}:`,
    "",
    ...sources,
  ].join("\n");
}

function metricsOf(watched: Watched): number {
  if ("failures" in watched) return 2;
  return "errorsOf" in watched && watched.errorsOf !== undefined ? 2 : 1;
}

function nameOf(kind: string): string {
  return kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
