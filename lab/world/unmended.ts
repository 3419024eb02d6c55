import type { EventKind } from "./events.ts";

/** Kinds of events that the random schedules leave out: each breaks a promise that the code does not keep yet. */
export const UNMENDED: ReadonlySet<EventKind> = new Set<EventKind>([]);

/** Names of scenarios in which a promise is broken that the code does not keep yet. */
export const UNMENDED_SCENARIOS: ReadonlySet<string> = new Set<string>([]);
