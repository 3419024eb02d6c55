import type { LabClock } from "../clock.ts";
import type { LogGroups } from "../logs.ts";
import type { HookName } from "./guest.ts";
import type { Machine } from "./machine.ts";

/** What a machine's hooks and logs need. */
export interface HookDeps {
  clock: LabClock;
  logs: LogGroups;
}

/**
 * Writes to the machine's own log, which exists only when the launch asked for it and its role may write
 * (microvm-platform 2.9).
 */
export function writeLog({ logs }: HookDeps, machine: Machine, message: string): Promise<boolean> {
  const { logging, executionRoleArn } = machine.request;
  if (logging?.logGroup === undefined || executionRoleArn === undefined) return Promise.resolve(false);
  const day = new Date(machine.startedAt).toISOString().slice(0, 10).replaceAll("-", "/");
  const stream = logging.logStream ?? `${day}[${machine.version.version}]${machine.id}`;
  const role = { roleName: executionRoleArn.split("/").at(-1) ?? "", sessionName: machine.id };
  return logs.write(role, logging.logGroup, stream, [message]);
}

/** Undefined when the guest answered 200, else why it failed. */
export async function callHook(
  deps: HookDeps,
  machine: Machine,
  name: HookName,
  body: Record<string, string>,
): Promise<string | undefined> {
  const { clock } = deps;
  const { enabled, timeoutSeconds } = machine.version.config.hooks[name];
  if (!enabled) return undefined;
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)} lifecycle hook`;
  const timeoutMs = timeoutSeconds * 1_000;
  let timer: unknown;
  const tooLate = new Promise<"late">((resolve) => {
    timer = clock.setTimeout(() => resolve("late"), timeoutMs);
  });
  const answered = machine.guest?.hook(name, JSON.stringify(body), timeoutMs) ?? Promise.reject(new Error("no guest"));
  const outcome = await Promise.race([answered.catch(() => "refused" as const), tooLate]);
  clock.clearTimeout(timer);
  await writeLog(deps, machine, `${name} hook: ${typeof outcome === "string" ? outcome : outcome.status}`);
  if (outcome === "late") return `${title} timed out`;
  const advice = "Please check your hook endpoint and application logs for more details.";
  if (outcome === "refused") return `${title} connection was refused. ${advice}`;
  return outcome.status === 200 ? undefined : `${title} returned HTTP status ${outcome.status}. ${advice}`;
}
