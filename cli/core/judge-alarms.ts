import { type Finding, judge, type Known } from "./finding.ts";

export interface AlarmView {
  /** Without the deployment's prefix. */
  name: string;
  description: string;
  state: string;
  actions: readonly string[];
}

/** Whether somebody is subscribed to a topic and has confirmed that; by its ARN. */
export type TopicViews = ReadonlyMap<string, Known<boolean>>;

/** Whether anybody is told when an alarm goes off. */
export function judgeTold(alarms: Known<readonly AlarmView[]>, topics: TopicViews): Finding {
  return judge("aws.alarm-actions", "Alarm actions", alarms, (views) => {
    if (views.length === 0) return { fail: "there are no alarms", fix: "shorten alarms_left_out and apply" };
    const actions = new Set(views.flatMap((view) => view.actions));
    const fix = "set alarm_actions to an SNS topic with a subscription, or look at the alarms in CloudWatch";
    if (actions.size === 0) return { fail: "no alarm has an action: nobody is told", fix };
    const silent = [...actions].filter((arn) => {
      const topic = topics.get(arn);
      return topic !== undefined && "value" in topic && !topic.value;
    });
    if (silent.length > 0) {
      return {
        fail: `nobody has confirmed a subscription to ${silent.join(", ")}`,
        fix: `aws sns subscribe --topic-arn ${silent[0]} --protocol email --notification-endpoint ADDRESS, then confirm the mail`,
      };
    }
    const unread = [...topics.values()].find((topic) => !("value" in topic));
    if (unread !== undefined && !("value" in unread)) return unread;
    return {
      pass: `${views.length === 1 ? "1 alarm tells" : `${views.length} alarms tell`} ${actions.size === 1 ? "1 action" : `${actions.size} actions`}`,
    };
  });
}

/** Which alarms are on now, each with its first step. */
export function judgeAlarms(alarms: Known<readonly AlarmView[]>): Finding {
  return judge("aws.alarms", "Alarms", alarms, (views) => {
    const on = views.filter(({ state }) => state === "ALARM");
    if (on.length === 0) return { pass: "none is on" };
    return { fail: on.map(({ name }) => name).join(", "), fix: on.map(firstStep).join("; ") };
  });
}

function firstStep({ name, description }: AlarmView): string {
  const [, first = "see docs/USAGE.md, Alarms"] = /First: (.*?)\. More:/.exec(description) ?? [];
  return `${name}: ${first}`;
}
