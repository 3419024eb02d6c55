/** What a dashboard shows: the body that Terraform applied, over what was recorded. */
import type { Recording, Sample } from "./recording.ts";
import { runQuery } from "./run-query.ts";

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Series {
  label: string;
  /** Newest last; a period in which nothing was reported has none. */
  points: readonly { atMs: number; value: number }[];
}

export type Widget = Place & { title: string } & (
    | { kind: "alarms"; names: readonly string[] }
    | { kind: "number"; value: number | undefined }
    | { kind: "chart"; series: readonly Series[] }
    | { kind: "table"; rows: readonly Readonly<Record<string, unknown>>[] }
  );

interface Body {
  widgets: (Place & { type: string; properties: Properties })[];
}

interface Properties {
  title: string;
  alarms?: string[];
  metrics?: (string | { stat: string; label: string })[][];
  view?: string;
  period?: number;
  query?: string;
}

/**
 * The widgets of a dashboard from one moment to another; a kind, a metric or a statistic that is not known is an error.
 */
export function showDashboard(
  body: string,
  { recording, metrics }: { recording: Recording; metrics: ReturnType<Recording["metrics"]> },
  { begin, end }: { begin: Date; end: Date },
): Widget[] {
  const { widgets } = JSON.parse(body) as Body;
  return widgets.map(({ x, y, width, height, type, properties }) => {
    const { title, view, period = 0, alarms = [], metrics: lines = [], query = "" } = properties;
    const place = { x, y, width, height, title };
    const whole = { fromMs: begin.getTime(), untilMs: end.getTime() };
    switch (type === "metric" ? view : type) {
      case "alarm":
        return { ...place, kind: "alarms", names: alarms.map((arn) => arn.split(":").at(-1) ?? arn) };
      case "singleValue": {
        const [line] = lines.map((parts) => read(parts));
        if (line === undefined) throw new Error(`the widget ${title} shows no metric`);
        const { fromMs, untilMs } = whole;
        return { ...place, kind: "number", value: statisticOf(line.stat, valuesIn(line.samples, fromMs, untilMs)) };
      }
      case "timeSeries":
        return { ...place, kind: "chart", series: lines.map((parts) => seriesOf(read(parts), period * 1_000, whole)) };
      case "log":
        return { ...place, kind: "table", rows: answer(recording, query) };
      default:
        throw new Error(`the lab knows no widget such as ${title}`);
    }
  });

  function read(parts: readonly (string | { stat: string; label: string })[]) {
    const names = parts.filter((part) => typeof part === "string");
    const options = parts.find((part) => typeof part !== "string");
    const [namespace = "", name = "", , of = ""] = names;
    if (options === undefined) throw new Error(`${name} is shown without a statistic`);
    return { ...options, samples: metrics.of({ namespace, name, of }) };
  }
}

function seriesOf(
  { label, stat, samples }: { label: string; stat: string; samples: readonly Sample[] },
  periodMs: number,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): Series {
  const points: { atMs: number; value: number }[] = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += periodMs) {
    const value = statisticOf(stat, valuesIn(samples, atMs, atMs + periodMs));
    if (value !== undefined) points.push({ atMs, value });
  }
  return { label, points };
}

const valuesIn = (samples: readonly Sample[], fromMs: number, untilMs: number) =>
  samples.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).map(({ value }) => value);

function statisticOf(stat: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((one, other) => one - other);
  const [, percent] = /^p(\d+)$/.exec(stat) ?? [];
  if (percent !== undefined) return sorted[Math.max(0, Math.ceil((Number(percent) / 100) * sorted.length) - 1)];
  switch (stat) {
    case "Sum":
      return values.reduce((sum, value) => sum + value, 0);
    case "Maximum":
      return sorted.at(-1);
    case "SampleCount":
      return values.length;
    default:
      throw new Error(`the lab knows no statistic ${stat}`);
  }
}

function answer(recording: Recording, query: string): readonly Readonly<Record<string, unknown>>[] {
  const [, group = "", commands = ""] = /^SOURCE '([^']+)'\n\| ([\s\S]*)$/.exec(query) ?? [];
  if (commands === "") throw new Error(`the lab knows no query such as ${query}`);
  return runQuery(commands, recording.linesWith(group, "{"));
}
