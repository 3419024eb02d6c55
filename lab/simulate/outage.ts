import { applyAlarms, PREFIX } from "../drills/apply-alarms.ts";
import type { Drill } from "../drills/drill.ts";
import { problemsOf } from "../drills/judge-drill.ts";
import { mailOf } from "../drills/mail.ts";
import { BLIPS, DRILLS } from "../drills/outages.ts";
import { type AlarmHistory, historiesOf, type PlayedDrill, playDrill } from "../drills/play-drill.ts";
import { SIMULATED_DAY } from "../drills/simulated-day.ts";
import { printTable } from "./print-table.ts";
import { UsageError } from "./read-options.ts";

const ALL = [...DRILLS, ...BLIPS, SIMULATED_DAY];
const REGION = "EU (Ireland)";

/** All drills, the name first on each line. */
export function listOutages(): string {
  return printTable(
    ["Name", ">Hours", "What is out", "Alarms"],
    ALL.map(({ name, hours, says, alarms }) => [
      name,
      String(Math.round(hours * 100) / 100),
      says,
      Object.keys(alarms).join(", ") || "none",
    ]),
  )
    .split("\n")
    .slice(1)
    .join("\n");
}

/** The drill of that name; throws a sentence that names the others. */
export function findOutage(name: string): Drill {
  const drill = ALL.find((each) => each.name === name);
  if (drill !== undefined) return drill;
  throw new UsageError(`--outage must be list or one of ${ALL.map((each) => each.name).join(", ")}, not ${name}`);
}

/**
 * Plays it against the alarms that Terraform applies, and prints what a person would see; 0 only if it was as it says.
 */
export async function runOutage(drill: Drill, say: (text: string) => void): Promise<number> {
  const monitoring = await applyAlarms();
  say(`terraform apply: ${monitoring.alarms.length} alarms, ${monitoring.filters.length} metric filters`);
  const played = await playDrill(drill, PREFIX);
  say(`${drill.name}: ${drill.says}, for ${Math.round(drill.hours * 60)} minutes of virtual time`);
  const histories = historiesOf(played, monitoring, PREFIX);
  console.log(`\n${changesOf(played, histories)}\n`);
  for (const { name, changes } of histories) {
    const first = changes.find(({ to }) => to !== "OK");
    const alarm = monitoring.alarms.find((each) => each.name === `${PREFIX}-${name}`);
    if (first !== undefined && alarm !== undefined) console.log(`${mailOf(alarm, first, REGION)}\n`);
  }
  console.log(jobsOf(played));
  const problems = problemsOf(played, histories);
  console.log(problems.length === 0 ? "As it is to be." : `Not as it is to be: ${problems.join("; ")}.`);
  return problems.length === 0 ? 0 : 1;
}

function changesOf({ firstAffected, drill }: PlayedDrill, histories: AlarmHistory[]): string {
  const rows = histories
    .flatMap(({ name, changes }) => changes.map((change) => ({ name, ...change })))
    .filter(({ to }, index, all) => to !== "OK" || all.slice(0, index).some(({ name }) => name === all[index]?.name))
    .sort((one, other) => one.at.getTime() - other.at.getTime())
    .map(({ name, at, to }) => {
      const minute = Math.ceil((at.getTime() - firstAffected.getTime()) / 60_000);
      const latest = drill.alarms[name];
      return [String(minute), name, to, to === "OK" || latest === undefined ? "" : `by ${latest}`];
    });
  if (rows.length === 0) return "No alarm changes its state.";
  return printTable([">Minute", "Alarm", "State", "Expected"], rows);
}

function jobsOf({ waits }: PlayedDrill): string {
  const ran = [...waits.values()].filter((wait) => wait !== undefined);
  const longest = ran.reduce((most, wait) => Math.max(most, wait), 0);
  return `Jobs: ${ran.length} of ${waits.size} ran; the longest wait was ${Math.round(longest / 60)} minutes.`;
}
