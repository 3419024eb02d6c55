import type { EventKind } from "./events.ts";

/** Kinds of events that the random schedules leave out: each breaks a promise that the code does not keep yet. */
export const UNMENDED: ReadonlySet<EventKind> = new Set<EventKind>(["app removed", "microvm not found"]);

/** Names of scenarios in which a promise is broken that the code does not keep yet. */
export const UNMENDED_SCENARIOS: ReadonlySet<string> = new Set([
  "GitHub gives nothing out for 3 h to 20 jobs",
  "GitHub gives nothing out for 3 h to 200 jobs",
  "GitHub gives nothing out for 3 h to 20 jobs with 5 places",
  "a job that gets nothing while others are served",
  "an organization's webhook that brings jobs of a repository without the App",
]);
