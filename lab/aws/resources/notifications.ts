import { randomUUID } from "node:crypto";
import type { ResourceBehaviour } from "../../terraform/behaviour.ts";
import { type Account, regionalArn } from "../account.ts";
import { text } from "./values.ts";

/** Topics of SNS, and who is subscribed: an address by e-mail has to confirm (SNS guide, email notifications). */
export function notificationResources(account: Account): Record<string, ResourceBehaviour> {
  const topics = new Set<string>();
  return {
    aws_sns_topic: {
      create(planned) {
        const arn = regionalArn(account, "sns", text(planned, "name"));
        topics.add(arn);
        return { id: arn, arn, owner: account.accountId };
      },
      read: (state) => (topics.has(text(state, "arn")) ? {} : null),
      update: () => ({}),
      delete: (state) => void topics.delete(text(state, "arn")),
    },
    aws_sns_topic_subscription: {
      create(planned) {
        const arn = `${text(planned, "topic_arn")}:${randomUUID()}`;
        return {
          id: arn,
          arn,
          owner_id: account.accountId,
          pending_confirmation: text(planned, "protocol") === "email",
        };
      },
      update: () => ({}),
    },
  };
}
