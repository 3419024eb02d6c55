import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule/index.js";
import type { Construct } from "constructs";
import { except } from "../synth/except.ts";
import type { FunctionParts } from "./function.ts";
import type { Iam } from "./iam.ts";
import { input } from "./reference.ts";
import { addRole } from "./role.ts";
import { SCHEDULE_EXCEPTION } from "./scan-exceptions.ts";

export interface ScheduleProps {
  readonly iam: Iam;
  readonly invokes: Pick<FunctionParts, "lambda" | "policy">;
  /** Name of the schedule's role in Terraform. */
  readonly roleName: string;
  readonly description: string;
  /** Such as `rate(5 minutes)`. */
  readonly expression: string;
  /** An invocation that is later than this is left out. */
  readonly maxAgeSeconds: number;
}

/** Adds a schedule of the given name, which invokes the function of the same name, and its role. */
export function addSchedule(scope: Construct, name: string, props: ScheduleProps): SchedulerSchedule {
  const { lambda, policy } = props.invokes;
  const { role, policy: mayInvoke } = addRole(scope, props.roleName, {
    trust: props.iam.scheduleTrust,
    description: `Taken on by the schedule that invokes the ${name} function`,
    statements: [
      {
        sid: `Invoke${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        actions: ["lambda:InvokeFunction"],
        resources: [lambda.arn],
      },
    ],
  });
  const schedule = new SchedulerSchedule(scope, `schedule.${name}`, {
    name: `${input("name_prefix")}-${name}`,
    description: props.description,
    scheduleExpression: props.expression,
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: lambda.arn,
      roleArn: role.arn,
      // The next run looks for the same.
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: props.maxAgeSeconds },
    },
    dependsOn: [policy, mayInvoke],
  });
  return except(schedule, SCHEDULE_EXCEPTION);
}
