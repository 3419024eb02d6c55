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
  "RunMicrovm that is denied for three minutes",
  "a job that is cancelled while it waits for an approval",
  "a repository that the App does not reach any more while its job runs",
  "an approval of 10 hours",
  "an approval of 4 days, longer than the record is kept",
  "an approval of 29 days",
  "an approval that nobody gives",
  "a record that is gone by its time to live while its job waits, and a client token used before",
  "GitHub gives nothing out for 3 h to 1 jobs",
  "GitHub gives nothing out for 3 h to 20 jobs",
  "GitHub gives nothing out for 3 h to 200 jobs",
  "GitHub gives nothing out for 3 h to 20 jobs with 5 places",
  "a job that gets nothing while others are served",
  "1 jobs of a repository that is refused (NotFoundError) beside one job, with 1 places",
  "3 jobs of a repository that is refused (RefusedError) beside one job, with 3 places",
  "3 jobs of a repository that is refused (RefusedError) beside one job, with 0 places",
  "an organization's webhook that brings jobs of a repository without the App",
  "RunMicrovm that is denied for 4 hours",
  "a permission that is missing for 23 hours",
  "a repository that is lost while its job runs, and another's job that waits for its place",
  "a lost repository whose MicroVM dies without a word",
  "a job of which 6 MicroVMs in a row die",
]);
