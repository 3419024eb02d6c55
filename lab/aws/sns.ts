import { AwsError } from "./aws-error.ts";
import type { Service } from "./gateway/service.ts";

export interface Topics {
  readonly service: Service;
  /** By ARN: ARNs of the subscriptions, or what stands for one that nobody has confirmed. */
  readonly subscriptions: Map<string, readonly string[]>;
}

/** SNS, as far as the subscriptions of a topic go. */
export function createTopics(): Topics {
  const subscriptions = new Map<string, readonly string[]>();
  const service: Service = {
    protocol: "rest-xml",
    operationOf(request) {
      const operation = new URLSearchParams(request.body.toString()).get("Action") ?? "";
      if (operation === "ListSubscriptionsByTopic") return operation;
      throw new AwsError("InvalidAction", 400, `the lab's SNS has no operation '${operation}'`);
    },
    async perform(request, { authorize }) {
      const topic = new URLSearchParams(request.body.toString()).get("TopicArn") ?? "";
      await authorize({ action: "sns:ListSubscriptionsByTopic", resource: topic });
      const found = subscriptions.get(topic);
      if (found === undefined) throw new AwsError("NotFound", 404, "Topic does not exist");
      const members = found.map((arn) => `<member><SubscriptionArn>${arn}</SubscriptionArn></member>`).join("");
      const text = `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`;
      return { status: 200, headers: { "content-type": "text/xml" }, body: Buffer.from(text) };
    },
  };
  return { service, subscriptions };
}
