import type { EventKind } from "./events.ts";

/** Kinds of events that the random schedules leave out: each breaks a promise that the code does not keep yet. */
export const UNMENDED: ReadonlySet<EventKind> = new Set<EventKind>([]);

/** Names of scenarios in which a promise is broken that the code does not keep yet. */
export const UNMENDED_SCENARIOS: ReadonlySet<string> = new Set<string>([
  // A launch message that meets a repository out of reach ends as a dead letter when its first delivery came late.
  "a repository that the App does not reach any more while its job runs",
]);
