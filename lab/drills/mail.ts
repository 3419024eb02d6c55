import type { Alarm } from "../cloudwatch/definitions.ts";
import type { StateChange } from "../cloudwatch/evaluate-alarm.ts";

/** What a person reads whom SNS tells by mail, shortened to what CloudWatch's own text says of the alarm. */
export function mailOf(alarm: Alarm, { at, to, datapoints }: StateChange, region: string): string {
  const beyond = alarm.comparison === "GreaterThanThreshold" ? "greater" : "less";
  const values = datapoints.map((value) => Math.round(value * 10) / 10).join(", ");
  const why =
    datapoints.length === 0
      ? "Insufficient Data: no datapoints were received"
      : `Threshold Crossed: ${alarm.datapoints} of ${alarm.periods} datapoints [${values}] had to be ${beyond} than the threshold (${alarm.threshold})`;
  return [
    `Subject: ${to}: "${alarm.name}" in ${region}`,
    "",
    `Alarm Details:`,
    `- Name:        ${alarm.name}`,
    `- Description: ${alarm.description}`,
    `- State:       ${to}`,
    `- Reason:      ${why}`,
    `- Timestamp:   ${at.toISOString()}`,
  ].join("\n");
}
