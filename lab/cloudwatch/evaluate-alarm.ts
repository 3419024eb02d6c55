import type { Alarm, WatchedMetric } from "./definitions.ts";
import type { Metrics, Sample } from "./recording.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface StateChange {
  at: Date;
  to: AlarmState;
  /** The latest datapoints that made it, newest first. */
  datapoints: readonly number[];
}

const MINUTE_MS = 60_000;
/** Metrics of AWS's services and of logs are there some two minutes late; how late is not documented. */
const LATE_MS = 2 * MINUTE_MS;
/**
 * Where data is missing more periods are looked at than the alarm has; the documentation's examples have five for
 * three. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
const MORE_PERIODS = 2;

/**
 * What an alarm does between two moments. It is evaluated every minute, over a window that slides with it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function evaluateAlarm(alarm: Alarm, metrics: Metrics, from: Date, until: Date): StateChange[] {
  const readers = alarm.metrics.map((metric) => createReader(metrics.of(metric), metric));
  const periodMs = alarm.periodSeconds * 1_000;
  const changes: StateChange[] = [];
  let state: AlarmState = "INSUFFICIENT_DATA";
  for (let nowMs = from.getTime(); nowMs <= until.getTime(); nowMs += MINUTE_MS) {
    const points = Array.from({ length: alarm.periods + MORE_PERIODS }, (_, index) => {
      const endMs = nowMs - LATE_MS - index * periodMs;
      const values = readers.map((read) => read(endMs - periodMs, endMs));
      return combine(values, alarm.filled);
    });
    const judged = judge(alarm, points, state);
    if (judged.state === state) continue;
    state = judged.state;
    changes.push({ at: new Date(nowMs), to: state, datapoints: judged.datapoints });
  }
  return changes;
}

// FILL(m, 0) gives a metric 0 where it has no value; a sum of nothing but filled values is still a value.
function combine(values: readonly (number | undefined)[], filled: boolean): number | undefined {
  if (!filled) return values[0];
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function judge(
  alarm: Alarm,
  points: readonly (number | undefined)[],
  before: AlarmState,
): { state: AlarmState; datapoints: readonly number[] } {
  const there = points.filter((point) => point !== undefined);
  const newest = points.slice(0, alarm.periods).filter((point) => point !== undefined);
  // Older ones are looked at only where newer are missing, and then before any is taken for breaching or not.
  const datapoints = newest.length === alarm.periods ? newest : there.slice(0, alarm.periods);
  if (datapoints.length === 0) {
    const empty = { missing: "INSUFFICIENT_DATA", ignore: before, notBreaching: "OK", breaching: "ALARM" } as const;
    return { state: empty[alarm.missing], datapoints };
  }
  const breaching = datapoints.filter((point) => isBreaching(alarm, point)).length;
  const filled = alarm.missing === "breaching" ? alarm.periods - datapoints.length : 0;
  if (breaching + filled >= alarm.datapoints) return { state: "ALARM", datapoints };
  const isOpen = alarm.missing === "ignore" && datapoints.length < alarm.periods;
  return { state: isOpen ? before : "OK", datapoints };
}

function isBreaching({ comparison, threshold }: Alarm, value: number): boolean {
  return comparison === "GreaterThanThreshold" ? value > threshold : value < threshold;
}

/** The statistic of the samples after one moment and up to another; undefined where there are none. */
function createReader(
  samples: readonly Sample[],
  { statistic }: WatchedMetric,
): (afterMs: number, untilMs: number) => number | undefined {
  return (afterMs, untilMs) => {
    const first = firstAfter(samples, afterMs);
    const last = firstAfter(samples, untilMs);
    if (first >= last) return undefined;
    const values = samples.slice(first, last).map(({ value }) => value);
    switch (statistic) {
      case "Sum":
        return values.reduce((sum, value) => sum + value, 0);
      case "Maximum":
        return values.reduce((most, value) => Math.max(most, value));
      case "Minimum":
        return values.reduce((least, value) => Math.min(least, value));
      default:
        throw new Error(`the lab knows no statistic ${statistic}`);
    }
  };
}

// The place of the first sample that is later than that moment.
function firstAfter(samples: readonly Sample[], ms: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.atMs ?? 0) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}
