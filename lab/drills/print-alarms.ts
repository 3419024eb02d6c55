/** What docs/USAGE.md says of the alarms: what raises each of them, as the drills show it, and what to do. */
import { ALARMS, type AlarmSpec } from "../../src/module/alarm-list.ts";
import { DRILLS } from "./outages.ts";

export function printAlarms(): string {
  const rows = ALARMS.map(({ name }) => `| [\`${name}\`](#${name}) | ${causesOf(name)} |`);
  return [
    [
      "| Alarm | Raised in the drills, within so many minutes of the first affected job |",
      "| --- | --- |",
      ...rows,
    ].join("\n"),
    ...ALARMS.map(entryOf),
  ].join("\n\n");
}

function causesOf(alarm: string): string {
  const causes = DRILLS.flatMap(({ says, alarms }) => {
    const latest = alarms[alarm];
    return latest === undefined ? [] : [`${says} (${latest})`];
  });
  if (causes.length === 0) throw new Error(`no drill raises ${alarm}`);
  return causes.join("; ");
}

function entryOf({ name, means, first }: AlarmSpec): string {
  return `#### ${name}\n\n${means}.\nFirst: ${first}.`;
}
