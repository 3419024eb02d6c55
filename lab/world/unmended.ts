import type { EventKind } from "./events.ts";

/** Kinds of events that the random schedules leave out: each breaks a promise that the code does not keep yet. */
export const UNMENDED: ReadonlySet<EventKind> = new Set<EventKind>([
  "held",
  "nothing assigned",
  "repository refused",
  "app removed",
  "app suspended",
  "key revoked",
  "launch refused",
  "job not found",
  "ssm down",
]);

/** Names of scenarios in which a promise is broken that the code does not keep yet. */
export const UNMENDED_SCENARIOS: ReadonlySet<string> = new Set([
  "a job that is cancelled while it waits for an approval",
  "a repository that the App does not reach any more while its job runs",
  "RunMicrovm that is denied for three minutes",
  "two webhooks of which the first refuses to be listed, and a lost delivery of the second",
]);
