import { ProviderError, type ResourceBehaviour } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import { text } from "./values.ts";

/** Alarms of an account: kept, but never raised, because the lab has no metrics. */
export function alarmResources(account: Account): Record<string, ResourceBehaviour> {
  const alarms = new Set<string>();
  return {
    aws_cloudwatch_metric_alarm: {
      create(planned) {
        const name = text(planned, "alarm_name");
        // AWS itself would overwrite the other alarm without a word: here that is an error, because it is never meant.
        if (alarms.has(name)) throw new ProviderError(`creating CloudWatch Metric Alarm (${name}): the name is taken`);
        alarms.add(name);
        return { id: name, arn: regionalArn(account, "cloudwatch", `alarm:${name}`) };
      },
      read: (state) => (alarms.has(text(state, "alarm_name")) ? {} : null),
      update: () => ({}),
      delete: (state) => void alarms.delete(text(state, "alarm_name")),
    },
  };
}
