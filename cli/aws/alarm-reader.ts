import * as v from "valibot";
import { awsServiceEndpoint } from "../../dispatcher/aws/transport/aws-endpoint.ts";
import { createJsonRpc } from "../../dispatcher/aws/transport/rpc.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint, type Environment } from "../../dispatcher/config.ts";
import type { AlarmView } from "../core/judge-alarms.ts";
import { queryCall } from "./query-call.ts";
import type { AwsAccess } from "./resolve-aws.ts";

export interface AlarmReader {
  /** The alarms whose names begin so. */
  alarms(prefix: string): Promise<AlarmView[]>;
  /** Whether somebody is subscribed to a topic and has confirmed it. */
  isHeard(topicArn: string): Promise<boolean>;
}

const alarms = v.object({
  MetricAlarms: v.array(
    v.object({
      AlarmName: v.string(),
      AlarmDescription: v.nullish(v.string()),
      StateValue: v.string(),
      AlarmActions: v.nullish(v.array(v.string())),
    }),
  ),
  NextToken: v.nullish(v.string()),
});

function alarmOf(alarm: v.InferOutput<typeof alarms>["MetricAlarms"][number], prefix: string): AlarmView {
  const { AlarmName, AlarmDescription, StateValue, AlarmActions } = alarm;
  const name = AlarmName.slice(prefix.length);
  return { name, description: AlarmDescription ?? "", state: StateValue, actions: AlarmActions ?? [] };
}

/** Reads alarms and whom they tell. */
export function createAlarmReader({ region, credentials }: AwsAccess, environment: Environment): AlarmReader {
  const fetch = createSignedFetch({
    ...{ service: "monitoring", region, credentials: () => credentials },
    endpoint: awsEndpoint(environment, "monitoring"),
  });
  const cloudwatch = createJsonRpc(fetch, "GraniteServiceVersion20100801", "1.0");
  return {
    async alarms(prefix) {
      const found: AlarmView[] = [];
      let next: string | null | undefined;
      do {
        const input = { AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm"], ...(next ? { NextToken: next } : {}) };
        const what = "DescribeAlarms";
        const { MetricAlarms, NextToken } = await cloudwatch({ operation: what, input, answer: alarms, what });
        found.push(...MetricAlarms.map((alarm) => alarmOf(alarm, prefix)));
        next = NextToken;
      } while (next);
      return found;
    },
    async isHeard(topicArn) {
      const url = awsEndpoint(environment, "sns") ?? awsServiceEndpoint("sns", region);
      const to = { service: "sns", region, url, version: "2010-03-31" };
      const xml = await queryCall({ credentials }, to, "ListSubscriptionsByTopic", { TopicArn: topicArn });
      // Of one that nobody has confirmed the ARN is a word.
      return /<SubscriptionArn>arn:/.test(xml);
    },
  };
}
