import type { AlarmHistory, PlayedDrill } from "./play-drill.ts";

/** An alarm that went off. */
export interface Raised {
  name: string;
  /** Minutes after the first affected job. */
  minute: number;
  /** How often its state changed. */
  changes: number;
}

/** Two for one cause: it goes off, and it ends. */
const MOST_CHANGES = 2;

/** Which alarms went off, the earliest first. */
export function raisedIn({ firstAffected }: Pick<PlayedDrill, "firstAffected">, histories: AlarmHistory[]): Raised[] {
  return histories
    .flatMap(({ name, changes }) => {
      const first = changes.find(({ to }) => to !== "OK");
      if (first === undefined) return [];
      const minute = Math.ceil((first.at.getTime() - firstAffected.getTime()) / 60_000);
      return [{ name, minute, changes: changes.length }];
    })
    .sort((one, other) => one.minute - other.minute);
}

/** What was not as the drill says; empty when all was. */
export function problemsOf(played: PlayedDrill, histories: AlarmHistory[]): string[] {
  const { alarms, mayFollow = [], losesJobs = false, runs } = played.drill;
  const raised = raisedIn(played, histories);
  const missing = Object.keys(alarms).filter((name) => !raised.some((each) => each.name === name));
  const never = [...played.waits].filter(([, wait]) => wait === undefined).map(([id]) => id);
  return [
    ...missing.map((name) => `${name} did not go off`),
    ...raised.flatMap(({ name, minute, changes }) => [
      ...lateness(name, minute, alarms[name], mayFollow),
      ...(changes > MOST_CHANGES ? [`${name} changed its state ${changes} times`] : []),
    ]),
    ...(runs === undefined || played.waits.size - never.length === runs
      ? []
      : [`${played.waits.size - never.length} jobs ran of ${runs}`]),
    ...(never.length > 0 && !losesJobs ? [`jobs ${never.slice(0, 5).join(", ")} never ran`] : []),
  ];
}

function lateness(name: string, minute: number, latest: number | undefined, mayFollow: readonly string[]): string[] {
  if (latest === undefined) return mayFollow.includes(name) ? [] : [`${name} went off in minute ${minute}`];
  return minute > latest ? [`${name} went off in minute ${minute}, which is after ${latest}`] : [];
}
