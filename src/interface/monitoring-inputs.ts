import { LIMITS } from "../../contract/limits.ts";
import { and, atMost, call, equal, not, ref } from "../hcl/build.ts";
import { ALARMS } from "../module/alarm-list.ts";
import type { Input } from "./input.ts";
import { every, matches, rule, wholeNumberWithin } from "./rules.ts";

/** CloudWatch, PutMetricAlarm: actions of one state. */
const MAX_ALARM_ACTIONS = 5;
const ALARM_NAMES = ALARMS.map(({ name }) => name);

/** Who is told of what, and what stops everything. */
export const monitoringInputs: readonly Input[] = [
  {
    name: "alarm_actions",
    type: call("list", ref("string")),
    description:
      "ARNs of what CloudWatch notifies when an alarm of the module is raised or ends, such as an SNS topic. Empty => the alarms can be seen in CloudWatch, but tell nobody.",
    default: [],
    validations: [
      rule(
        and(
          atMost(call("length", ref("var.alarm_actions")), MAX_ALARM_ACTIONS),
          equal(call("length", call("distinct", ref("var.alarm_actions"))), call("length", ref("var.alarm_actions"))),
        ),
        `alarm_actions must hold at most ${MAX_ALARM_ACTIONS} ARNs, each of them once: CloudWatch takes no more for an alarm.`,
      ),
      rule(
        every(ref("var.alarm_actions"), "action", (action) =>
          matches(action, String.raw`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[a-z0-9]*:\S+$`),
        ),
        "alarm_actions must hold whole ARNs, such as arn:aws:sns:eu-west-1:123456789012:alerts, not names.",
      ),
      rule(
        every(ref("var.alarm_actions"), "action", (action) => not(matches(action, "^arn:aws[a-z-]*:iam:"))),
        "alarm_actions must not hold a role, user or policy of IAM, which CloudWatch cannot notify: name an SNS topic, or another action that PutMetricAlarm takes.",
      ),
    ],
  },
  {
    name: "alarm_wait_minutes",
    type: ref("number"),
    description:
      "How many minutes jobs wait for want of quota, capacity or an image until the alarms no-room and image-unusable go off.",
    default: 30,
    validations: [
      rule(
        wholeNumberWithin(ref("var.alarm_wait_minutes"), LIMITS.alarmWaitMinutes),
        `alarm_wait_minutes must be a whole number ${LIMITS.alarmWaitMinutes}: shorter waits are the moment's, and after half a day another alarm goes off.`,
      ),
    ],
  },
  {
    name: "alarms_left_out",
    type: call("set", ref("string")),
    description: `Names of alarms that are not made, of ${ALARM_NAMES.join(", ")}.`,
    default: [],
    validations: [
      rule(
        every(ref("var.alarms_left_out"), "name", (name) => call("contains", ALARM_NAMES, name)),
        `alarms_left_out must hold names of the module's alarms, without name_prefix: ${ALARM_NAMES.join(", ")}.`,
      ),
    ],
  },
  {
    name: "alarms_without_actions",
    type: ref("bool"),
    description: "Says that alarm_actions is empty on purpose: a plan warns of it no more.",
    default: false,
  },
  {
    name: "dashboard",
    type: ref("bool"),
    description:
      "Whether there is a dashboard in CloudWatch. An account's first three are free, each further one costs $3 a month.",
    default: true,
  },
  {
    name: "paused",
    type: ref("bool"),
    description:
      "Launches nothing while it is true: jobs wait, what runs is ended as ever. gha-microvm pause does the same without Terraform. -> PAUSED.",
    default: false,
  },
];
