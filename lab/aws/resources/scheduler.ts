import { ProviderError, type ResourceBehaviour, type Values } from "../../terraform/behaviour.ts";
import type { ScheduleConfig, Scheduler } from "../scheduler.ts";
import { nameOf, object, text } from "./values.ts";

export interface SchedulerResourceDeps {
  scheduler: Scheduler;
}

/** Schedules of EventBridge Scheduler. */
export function schedulerResources({ scheduler }: SchedulerResourceDeps): Record<string, ResourceBehaviour> {
  async function put(verb: string, name: string, planned: Values): Promise<Values> {
    const config = readSchedule(name, planned);
    if (!(await scheduler.mayAssume(config.roleArn, config.group))) {
      throw new ProviderError(
        `${verb} Amazon EventBridge Scheduler Schedule (${name}): ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role.`,
      );
    }
    scheduler.put(config);
    return { id: `${config.group}/${name}`, name, group_name: config.group, arn: scheduler.arn(config) };
  }
  return {
    aws_scheduler_schedule: {
      async create(planned) {
        const name = nameOf(planned);
        if (scheduler.get(name) !== undefined) {
          throw new ProviderError(
            `creating Amazon EventBridge Scheduler Schedule (${name}): ConflictException: Schedule ${name} already exists.`,
          );
        }
        return { ...(await put("creating", name, planned)), action_after_completion: "NONE" };
      },
      read: (state) => (scheduler.get(text(state, "name")) === undefined ? null : {}),
      async update(planned) {
        await put("updating", text(planned, "name"), planned);
        return {};
      },
      delete: (state) => scheduler.delete(text(state, "name")),
    },
  };
}

function readSchedule(name: string, planned: Values): ScheduleConfig {
  const target = object(planned, "target");
  const input = text(target, "input");
  return {
    name,
    group: text(planned, "group_name") || "default",
    expression: text(planned, "schedule_expression"),
    enabled: text(planned, "state") !== "DISABLED",
    targetArn: text(target, "arn"),
    roleArn: text(target, "role_arn"),
    ...(input === "" ? {} : { input }),
  };
}
