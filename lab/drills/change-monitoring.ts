/** What somebody might do to the alarms without a thought; a drill must notice each. */
import type { Alarm, Monitoring } from "../cloudwatch/definitions.ts";

export interface Mutation {
  what: string;
  /** The alarms that may behave otherwise. */
  touched: readonly string[];
  monitoring: Monitoring;
}

/** Each alarm taken away, each threshold doubled, and each event renamed of which an alarm learns by a filter. */
export function mutationsOf(monitoring: Monitoring): Mutation[] {
  const { alarms, filters } = monitoring;
  const others = (alarm: Alarm) => alarms.filter((each) => each !== alarm);
  const patterns = [...new Set(filters.map(({ pattern }) => eventIn(pattern)))].filter((event) => event !== undefined);
  const mutations = [
    ...alarms.map((alarm) => ({
      what: `${alarm.name} taken away`,
      touched: [alarm.name],
      monitoring: { ...monitoring, alarms: others(alarm) },
    })),
    // Twice nothing is nothing.
    ...alarms
      .filter(({ threshold }) => threshold > 0)
      .map((alarm) => ({
        what: `the threshold of ${alarm.name} doubled`,
        touched: [alarm.name],
        monitoring: { ...monitoring, alarms: [...others(alarm), { ...alarm, threshold: 2 * alarm.threshold }] },
      })),
    ...patterns.map((event) => ({
      what: `the event ${event} renamed`,
      touched: alarms.filter((alarm) => readsEvent(alarm, event, filters)).map(({ name }) => name),
      monitoring: {
        ...monitoring,
        filters: filters.map((filter) => ({
          ...filter,
          pattern: filter.pattern.replaceAll(`"${event}"`, `"${event}ed"`),
        })),
      },
    })),
  ];
  return mutations.filter(({ touched }) => touched.length > 0);
}

function readsEvent({ metrics }: Alarm, event: string, filters: Monitoring["filters"]): boolean {
  return filters.some(
    ({ pattern, name }) => eventIn(pattern) === event && metrics.some((metric) => metric.name === name),
  );
}

function eventIn(pattern: string): string | undefined {
  return /\$\.event = "([^"]+)"/.exec(pattern)?.[1];
}
