import { describe, expect, it } from "vitest";
import { METRICS, type Metric, patternOf } from "../../../contract/metrics.ts";
import { parsePattern } from "../../../lab/cloudwatch/filter-pattern.ts";

describe("a filter pattern", () => {
  it("selects lines by one field, by several, and by one of some values", () => {
    const selects = parsePattern('{ ($.event = "message.waiting") && (($.reason = "rate") || ($.reason = "quota")) }');
    expect(selects({ event: "message.waiting", reason: "rate" })).toBe(true);
    expect(selects({ event: "message.waiting", reason: "quota" })).toBe(true);
    expect(selects({ event: "message.waiting", reason: "image" })).toBe(false);
    expect(selects({ event: "job.queued", reason: "rate" })).toBe(false);
    expect(selects({})).toBe(false);
  });

  it("binds && closer than ||", () => {
    const selects = parsePattern('{ $.a = "1" || $.b = "2" && $.c = "3" }');
    expect(selects({ a: "1" })).toBe(true);
    expect(selects({ b: "2" })).toBe(false);
    expect(selects({ b: "2", c: "3" })).toBe(true);
  });

  it.each(["ERROR", '{ $.a = "1" && }', '{ ($.a = "1" }', '{ $.a = "1") }', "{ $.a > 1 }", '{ $.a.b = "1" }', "{ }"])(
    "that the lab does not know is an error: %s",
    (pattern) => {
      expect(() => parsePattern(pattern)).toThrow(/filter pattern|parenthesis|comparison/);
    },
  );

  it("is known of each metric of the module", () => {
    const metrics: readonly Metric[] = Object.values(METRICS);
    const patterns = metrics.flatMap(({ sources }) => sources.map(patternOf));
    expect(patterns.length).toBeGreaterThan(10);
    for (const pattern of patterns) expect(parsePattern(pattern)({ event: "another" })).toBe(false);
  });
});
