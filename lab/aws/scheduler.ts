import { randomUUID } from "node:crypto";
import { type Account, regionalArn } from "./account.ts";
import type { LabClock } from "./clock.ts";
import type { EventLog } from "./event-log.ts";
import type { Iam } from "./iam/iam.ts";
import type { Functions } from "./lambda/functions.ts";

export interface ScheduleConfig {
  name: string;
  group: string;
  /** `rate(5 minutes)`: the only kind that the lab keeps time for; others fire by hand. */
  expression: string;
  enabled: boolean;
  targetArn: string;
  roleArn: string;
  /** JSON; absent: the service's own event. */
  input?: string;
}

/** Why a schedule did not invoke its target; `invoked` when it did, whatever the function made of it. */
export type FireOutcome = "invoked" | "role-not-assumed" | "not-allowed" | "no-function" | "throttled";

export interface Scheduler {
  arn(config: Pick<ScheduleConfig, "name" | "group">): string;
  /** Whether the service may take on the role, as it is asked when a schedule is written. */
  mayAssume(roleArn: string, group: string): Promise<boolean>;
  put(config: ScheduleConfig): void;
  get(name: string): ScheduleConfig | undefined;
  names(): string[];
  delete(name: string): void;
  /** Fires a schedule now, as its time would, and waits until the function has ended. */
  fire(name: string): Promise<FireOutcome>;
  stop(): void;
}

export interface SchedulerDeps {
  account: Account;
  clock: LabClock;
  events: EventLog;
  iam: Iam;
  functions: Functions;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** EventBridge Scheduler: invokes functions with the role of the schedule. */
export function createScheduler({ account, clock, events, iam, functions }: SchedulerDeps): Scheduler {
  const schedules = new Map<string, { config: ScheduleConfig; timer?: unknown }>();
  const arn: Scheduler["arn"] = ({ group, name }) => regionalArn(account, "scheduler", `schedule/${group}/${name}`);

  // A condition on aws:SourceArn has to name the group (Scheduler guide, confused deputy prevention).
  const mayAssume: Scheduler["mayAssume"] = (roleArn, group) =>
    iam.trusts(roleArn, "scheduler.amazonaws.com", "sts:AssumeRole", {
      "aws:SourceAccount": account.accountId,
      "aws:SourceArn": regionalArn(account, "scheduler", `schedule-group/${group}`),
    });

  async function invoke(config: ScheduleConfig): Promise<FireOutcome> {
    if (!(await mayAssume(config.roleArn, config.group))) return "role-not-assumed";
    const roleName = config.roleArn.split("/").at(-1) ?? "";
    const request = { action: "lambda:InvokeFunction", resource: config.targetArn };
    if (!(await iam.isAllowed({ roleName, sessionName: randomUUID() }, request))) return "not-allowed";
    const functionName = config.targetArn.split(":").at(-1) ?? "";
    if (functions.get(functionName) === undefined) return "no-function";
    const result = await functions.invoke(functionName, config.input ? JSON.parse(config.input) : eventOf(config));
    return result.kind === "throttled" ? "throttled" : "invoked";
  }

  function eventOf(config: ScheduleConfig): Record<string, unknown> {
    return {
      version: "0",
      id: randomUUID(),
      "detail-type": "Scheduled Event",
      source: "aws.scheduler",
      account: account.accountId,
      time: new Date(clock.now()).toISOString().replace(/\.\d+/, ""),
      region: account.region,
      resources: [arn(config)],
      detail: "{}",
    };
  }

  async function fire(name: string): Promise<FireOutcome> {
    const schedule = schedules.get(name);
    if (schedule === undefined) throw new Error(`there is no schedule ${name}; apply first`);
    const outcome = await invoke(schedule.config);
    events.emit("schedule.fired", { schedule: name, outcome });
    return outcome;
  }

  function arm(name: string): void {
    const schedule = schedules.get(name);
    const everyMs = intervalMs(schedule?.config.expression ?? "");
    if (schedule === undefined || !schedule.config.enabled || everyMs === undefined) return;
    schedule.timer = clock.setTimeout(() => {
      arm(name);
      // A target that is going away while the lab stops is no failure of a test.
      void fire(name).catch((error: unknown) =>
        events.emit("schedule.failed", { schedule: name, error: String(error) }),
      );
    }, everyMs);
  }

  const disarm = (name: string) => {
    const timer = schedules.get(name)?.timer;
    if (timer !== undefined) clock.clearTimeout(timer);
  };

  return {
    arn,
    mayAssume,
    put(config) {
      disarm(config.name);
      schedules.set(config.name, { config });
      arm(config.name);
    },
    get: (name) => schedules.get(name)?.config,
    names: () => [...schedules.keys()],
    delete(name) {
      disarm(name);
      schedules.delete(name);
    },
    fire,
    stop() {
      for (const name of schedules.keys()) disarm(name);
    },
  };
}

function intervalMs(expression: string): number | undefined {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = UNIT_MS[unit];
  return count === undefined || unitMs === undefined ? undefined : Number(count) * unitMs;
}
