import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import { text } from "./values.ts";

/** Alarms of an account and the metrics made from its logs: kept, but never raised, because the lab has no metrics. */
export function alarmResources(account: Account): Record<string, ResourceBehaviour> {
  const alarms = new Set<string>();
  const filters = new Set<string>();
  const filterKey = (values: Values) => `${text(values, "log_group_name")}/${text(values, "name")}`;
  return {
    aws_cloudwatch_log_metric_filter: {
      create(planned) {
        filters.add(filterKey(planned));
        return { id: text(planned, "name") };
      },
      read: (state) => (filters.has(filterKey(state)) ? {} : null),
      update: () => ({}),
      delete: (state) => void filters.delete(filterKey(state)),
    },
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
