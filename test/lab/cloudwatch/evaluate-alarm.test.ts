import { describe, expect, it } from "vitest";
import type { Alarm } from "../../../lab/cloudwatch/definitions.ts";
import { evaluateAlarm } from "../../../lab/cloudwatch/evaluate-alarm.ts";
import { Recording } from "../../../lab/cloudwatch/recording.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const minute = (count: number) => new Date(START + count * 60_000);

const ALARM: Alarm = {
  name: "a",
  description: "",
  metrics: [{ namespace: "n", name: "m", of: "", statistic: "Maximum" }],
  filled: false,
  periodSeconds: 300,
  periods: 3,
  datapoints: 2,
  threshold: 10,
  comparison: "GreaterThanThreshold",
  missing: "notBreaching",
  tellsOfNoData: false,
};

/** What an alarm does when its metric has these values, one a minute from the first on; undefined: none. */
function changes(values: readonly (number | undefined)[], change: Partial<Alarm> = {}, metric = "m") {
  const recording = new Recording();
  values.forEach((value, index) => {
    if (value !== undefined) recording.report("n", metric, "", minute(index), value);
  });
  const metrics = recording.metrics({ filters: [] });
  return evaluateAlarm({ ...ALARM, ...change }, metrics, minute(0), minute(values.length + 60)).map(
    ({ at, to }) => `${(at.getTime() - START) / 60_000} ${to}`,
  );
}

const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

describe("an alarm", () => {
  it("goes off once two of three periods are beyond, two minutes late, and ends once they are not", () => {
    expect(changes([...times(20, 1), ...times(30, 11), ...times(60, 1)])).toEqual(["0 OK", "27 ALARM", "61 OK"]);
  });

  it("says nothing of one period that is beyond", () => {
    expect(changes([...times(20, 1), 11, ...times(40, 1)])).toEqual(["0 OK"]);
  });

  it("takes what is missing for harmless, but looks further back for what is there first", () => {
    expect(changes([...times(20, undefined), 11, ...times(60, undefined)])).toEqual(["0 OK"]);
    expect(changes([...times(20, undefined), 11, ...times(60, undefined)], { datapoints: 1 })).toEqual([
      "0 OK",
      "22 ALARM",
      "47 OK",
    ]);
  });

  it("that waits for data has none at first and none when they end", () => {
    expect(changes(times(30, 0), { missing: "missing" })).toEqual(["2 OK", "56 INSUFFICIENT_DATA"]);
  });

  it("that ignores what is missing stays as it is", () => {
    const low = { comparison: "LessThanThreshold", missing: "ignore", periods: 1, datapoints: 1 } as const;
    expect(changes([5, ...times(90, undefined)], low)).toEqual(["2 ALARM"]);
  });

  it("adds metrics that are filled with 0 up", () => {
    const errors = { namespace: "n", name: "m", of: "", statistic: "Sum" };
    const both = {
      metrics: [errors, { ...errors, name: "other" }],
      filled: true,
      threshold: 0,
      periods: 1,
      datapoints: 1,
    };
    expect(changes([...times(10, 0), 1, ...times(20, 0)], both)).toEqual(["0 OK", "12 ALARM", "17 OK"]);
  });
});
