import { type Account, regionalArn } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import { jsonBody, jsonReply, type Service, stringMember } from "./gateway/service.ts";

/** An alarm as CloudWatch tells of it. */
export interface LabAlarm {
  name: string;
  description: string;
  actions: readonly string[];
  state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
}

export interface LabAlarms {
  readonly service: Service;
  readonly all: Map<string, LabAlarm>;
}

const PAGE = 50;

/** CloudWatch, as far as describing alarms goes; nothing here raises one: `lab/drills` does. */
export function createAlarms(account: Account): LabAlarms {
  const all = new Map<string, LabAlarm>();
  const service: Service = {
    protocol: "json",
    operationOf(request) {
      const operation = (request.headers["x-amz-target"] ?? "").replace(/^GraniteServiceVersion20100801\./, "");
      if (operation === "DescribeAlarms") return operation;
      throw new AwsError("UnknownOperationException", 400, `the lab's CloudWatch has no operation '${operation}'`);
    },
    async perform(request, { authorize }) {
      const body = jsonBody(request);
      // Whoever asks by a prefix needs the right to describe all alarms.
      await authorize({ action: "cloudwatch:DescribeAlarms", resource: regionalArn(account, "cloudwatch", "alarm:*") });
      const prefix = stringMember(body, "AlarmNamePrefix");
      const found = [...all.values()].filter(({ name }) => name.startsWith(prefix));
      const from = Number(stringMember(body, "NextToken") || 0);
      const MetricAlarms = found.slice(from, from + PAGE).map(({ name, description, actions, state }) => ({
        ...{ AlarmName: name, AlarmDescription: description, AlarmActions: actions, StateValue: state },
        AlarmArn: regionalArn(account, "cloudwatch", `alarm:${name}`),
      }));
      const more = from + PAGE < found.length ? { NextToken: String(from + PAGE) } : {};
      return jsonReply(200, { MetricAlarms, CompositeAlarms: [], ...more }, "application/x-amz-json-1.0");
    },
  };
  return { service, all };
}
