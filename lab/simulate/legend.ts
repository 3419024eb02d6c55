import { EVENTS, type EventKind } from "../world/events.ts";
import { DETOURS } from "./detours.ts";
import { printTable } from "./print-table.ts";

/** The scenario of the world that shows a kind of event which takes longer than a simulation, by a part of its name. */
export const WORLD_SCENARIOS: Readonly<Partial<Record<EventKind, string>>> = {
  "delivery lost": "a job whose delivery is lost at first",
  "job death": "a MicroVM that dies in the middle of its job",
  "successor death": "a MicroVM whose two successors die as well",
  swap: "two jobs whose runners are swapped",
  held: "an approval of 10 hours",
  "nothing assigned": "GitHub gives nothing out for 3 h to 1 jobs",
  "app suspended": "an App that is suspended for 5 hours",
  "app removed": "a repository that the App does not reach any more while its job runs",
  "key revoked": "an App whose key is revoked for 3 hours",
  "image updating": "an image that is being built for 2 hours",
  "job too long": "a job that reaches the maximum duration",
  "function throttled": "functions that are throttled for two minutes",
  "message late": "messages that SQS shows two minutes late",
  "record expired": "a record that is gone by its time to live",
  "clock skew": "clocks that differ",
  "memory quota": "an account with room for one MicroVM",
  "slow start": "an account with room for one MicroVM",
  fork: "a fork's pull request to a public repository",
  "ssm down": "a parameter store that is away for three minutes",
  "secret rotated": "a webhook secret that is rotated while a job runs",
  "hook refused": "two webhooks of which the first refuses to be listed",
};

/** What each detour stands for, and where the other kinds of events can be seen. */
export function legend(): string {
  const rows = Object.entries(EVENTS).map(([kind, { what }]) => {
    const detour = DETOURS.find((each) => each.kind === kind);
    const scenario = Object.entries(WORLD_SCENARIOS).find(([name]) => name === kind)?.[1];
    const shown = detour ? `here: ${detour.name}` : scenario ? `world: ${scenario}` : "world: random schedules";
    return [kind, what, shown];
  });
  return [
    printTable(["Event", "What happens", "Where it is shown"], rows),
    'world: npx tsx lab/world/tell-scenario.ts "NAME" plays it in virtual time; npx projen soak plays random schedules.',
  ].join("\n");
}
