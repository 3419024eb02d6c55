import { randomUUID } from "node:crypto";
import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import type { LabAlarm } from "../cloudwatch-alarms.ts";
import { text, texts } from "./values.ts";

/** Alarms of an account, the metrics made from its logs, and what shows both. */
export function alarmResources(account: Account, alarms: Map<string, LabAlarm>): Record<string, ResourceBehaviour> {
  const filters = new Set<string>();
  const dashboards = new Set<string>();
  const queries = new Set<string>();
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
    aws_cloudwatch_dashboard: {
      create(planned) {
        const name = text(planned, "dashboard_name");
        dashboards.add(name);
        return { id: name, dashboard_arn: `arn:aws:cloudwatch::${account.accountId}:dashboard/${name}` };
      },
      read: (state) => (dashboards.has(text(state, "dashboard_name")) ? {} : null),
      update: () => ({}),
      delete: (state) => void dashboards.delete(text(state, "dashboard_name")),
    },
    aws_cloudwatch_query_definition: {
      create() {
        const id = randomUUID();
        queries.add(id);
        return { id, query_definition_id: id, arn: regionalArn(account, "logs", `query-definition:${id}`) };
      },
      read: (state) => (queries.has(text(state, "id")) ? {} : null),
      update: () => ({}),
      delete: (state) => void queries.delete(text(state, "id")),
    },
    aws_cloudwatch_metric_alarm: {
      create(planned) {
        const name = text(planned, "alarm_name");
        // AWS itself would overwrite the other alarm without a word: here that is an error, because it is never meant.
        if (alarms.has(name)) throw new ProviderError(`creating CloudWatch Metric Alarm (${name}): the name is taken`);
        alarms.set(name, { ...alarmOf(planned), state: "INSUFFICIENT_DATA" });
        return { id: name, arn: regionalArn(account, "cloudwatch", `alarm:${name}`) };
      },
      read: (state) => (alarms.has(text(state, "alarm_name")) ? {} : null),
      update(planned) {
        const { name, ...rest } = alarmOf(planned);
        alarms.set(name, { name, ...rest, state: alarms.get(name)?.state ?? "INSUFFICIENT_DATA" });
        return {};
      },
      delete: (state) => void alarms.delete(text(state, "alarm_name")),
    },
  };
}

function alarmOf(values: Values): Omit<LabAlarm, "state"> {
  return {
    name: text(values, "alarm_name"),
    description: text(values, "alarm_description"),
    actions: texts(values, "alarm_actions"),
  };
}
