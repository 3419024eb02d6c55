import type { Monitoring, WatchedMetric } from "./definitions.ts";
import { type LogLine, parsePattern } from "./filter-pattern.ts";

export interface Sample {
  atMs: number;
  value: number;
}

/**
 * What functions, queues and schedules showed of themselves while they were played: metrics are made of it afterwards.
 */
export class Recording {
  private readonly lines = new Map<string, { atMs: number; line: string }[]>();
  private readonly samples = new Map<string, Sample[]>();
  private readonly made = new WeakMap<Monitoring["filters"], Map<string, readonly Sample[]>>();

  /** A function wrote a line to its log. */
  log(logGroup: string, at: Date, line: string): void {
    const lines = this.lines.get(logGroup) ?? [];
    lines.push({ atMs: at.getTime(), line });
    this.lines.set(logGroup, lines);
  }

  /** AWS reports a value of one of its own metrics. */
  report(namespace: string, name: string, of: string, at: Date, value: number): void {
    const key = keyOf({ namespace, name, of });
    const samples = this.samples.get(key) ?? [];
    samples.push({ atMs: at.getTime(), value });
    this.samples.set(key, samples);
  }

  /** The lines of a log that hold a text, oldest first. */
  linesWith(logGroup: string, part: string): { atMs: number; line: LogLine }[] {
    const found = (this.lines.get(logGroup) ?? []).filter(({ line }) => line.includes(part));
    return found.map(({ atMs, line }) => ({ atMs, line: JSON.parse(line) as LogLine }));
  }

  /** All metrics: AWS's own, and what the filters make of the logs; each is made when it is first read. */
  metrics({ filters }: Pick<Monitoring, "filters">): Metrics {
    const known = this.made.get(filters) ?? new Map<string, readonly Sample[]>();
    this.made.set(filters, known);
    return {
      of: (metric) => {
        const key = keyOf(metric);
        const samples = known.get(key) ?? this.samples.get(key) ?? this.count(metric, filters);
        known.set(key, samples);
        return samples;
      },
    };
  }

  private count(metric: Pick<WatchedMetric, "namespace" | "name">, filters: Monitoring["filters"]): Sample[] {
    const own = filters.filter(({ namespace, name }) => namespace === metric.namespace && name === metric.name);
    const samples = own.flatMap(({ logGroup, pattern, value }) => {
      const selects = parsePattern(pattern);
      const [, part = ""] = /= "([^"]+)"/.exec(pattern) ?? [];
      return this.linesWith(logGroup, `"${part}"`).flatMap(({ atMs, line }) => {
        const counted = value.startsWith("$.") ? line[value.slice(2)] : Number(value);
        // A line whose field is no number is passed over (CloudWatch Logs, publishing numerical values).
        return selects(line) && typeof counted === "number" ? [{ atMs, value: counted }] : [];
      });
    });
    return samples.sort((one, other) => one.atMs - other.atMs);
  }
}

export interface Metrics {
  /** The values of a metric, oldest first. */
  of(metric: Pick<WatchedMetric, "namespace" | "name" | "of">): readonly Sample[];
}

function keyOf({ namespace, name, of }: Pick<WatchedMetric, "namespace" | "name" | "of">): string {
  return `${namespace}/${name}/${of}`;
}
