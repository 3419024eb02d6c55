import { expect, it } from "vitest";
import { printAlarms } from "../../lab/drills/print-alarms.ts";
import { insertSection } from "../../src/docs/insert-section.ts";
import { ALARMS, describe as describeAlarm } from "../../src/module/alarm-list.ts";
import { readProjectFile } from "./markdown.ts";

const usage = readProjectFile("docs/USAGE.md");

it("tells of each alarm what its drills show", () => {
  expect(insertSection(usage, "ALARMS", printAlarms())).toBe(usage);
});

it.each(ALARMS)("has the heading that the description of $name names", (alarm) => {
  const [, heading] = /docs\/USAGE\.md, "([^"]+)"\.$/.exec(describeAlarm(alarm)) ?? [];
  expect(usage).toContain(`\n#### ${heading}\n`);
  expect(describeAlarm(alarm)).toContain("First: ");
  // PutMetricAlarm takes no more.
  expect(describeAlarm(alarm).length).toBeLessThanOrEqual(1_024);
});
