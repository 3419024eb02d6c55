import { expect, it } from "vitest";
import { printMonitoringCosts } from "../../../src/docs/print-monitoring-costs.ts";

it("adds up what alarms, metrics and dashboard cost, each price with where it was read", () => {
  const text = printMonitoringCosts();
  const usd = [...text.matchAll(/\| \$([\d.]+) \| \$([\d.]+) \|/g)].map(([, list, reduced]) => [
    Number(list),
    Number(reduced),
  ]);
  const [together = [0, 0], ...each] = usd.toReversed();
  expect(each).toHaveLength(3);
  for (const column of [0, 1]) {
    expect(each.reduce((sum, row) => sum + (row[column] ?? 0), 0)).toBeCloseTo(together[column] ?? 0, 6);
  }
  expect(together[1]).toBeLessThan(together[0] ?? 0);
  expect(text).toMatch(/read on 2026-\d\d-\d\d:/);
  for (const kind of ["alarm metric", "metric", "dashboard", "gigabyte logged", "gigabyte asked"]) {
    expect(text).toMatch(new RegExp(`: (.*, )?${kind}(,|$)`, "m"));
  }
});
