import { showDashboard } from "../cloudwatch/dashboard.ts";
import type { Monitoring } from "../cloudwatch/definitions.ts";
import { applyAlarms, PREFIX } from "../drills/apply-alarms.ts";
import { problemsOf } from "../drills/judge-drill.ts";
import { historiesOf, type PlayedDrill, playDrill } from "../drills/play-drill.ts";
import { SIMULATED_DAY } from "../drills/simulated-day.ts";
import { drawDashboard } from "./draw-dashboard.ts";

/** A Region whose prices are known, so that the tables have dollars. */
const REGION = "us-east-1";

const DESCRIPTION =
  "The dashboard of the module over a simulated day: all alarms are off; below them numbers of jobs, starts, waits and MicroVMs, " +
  "charts of starts, runs, waits by reason, MicroVMs, the queue and the functions over the hours, and tables of cost and times by " +
  "class, of why jobs waited, of cost by repository and of the slowest starts.";

/** Applies the example, plays a day, and returns the picture of its dashboard; throws what was not as it is to be. */
export async function drawDay(say: (text: string) => void): Promise<string> {
  const applied = await applyAlarms(REGION);
  say(`terraform apply in ${REGION}: ${applied.alarms.length} alarms, ${applied.queries.length} saved queries`);
  const played = await playDrill(SIMULATED_DAY, PREFIX);
  say(`${SIMULATED_DAY.says}: ${played.waits.size} jobs, ${played.microvms.length} MicroVMs`);
  const problems = problemsOf(played, historiesOf(played, applied, PREFIX));
  if (problems.length > 0) throw new Error(problems.join("; "));
  return pictureOf(played, applied);
}

const withoutPrefix = (name: string) => name.slice(PREFIX.length + 1);

/** The applied dashboard over what was played. */
export function pictureOf(played: PlayedDrill, applied: Monitoring): string {
  const { recording, begin, end } = played;
  const on = historiesOf(played, applied, PREFIX).filter(({ changes }) => changes.at(-1)?.to === "ALARM");
  return drawDashboard({
    ...{ title: "The dashboard over a simulated day", description: DESCRIPTION, begin, end },
    widgets: showDashboard(
      applied.dashboard ?? "",
      { recording, metrics: recording.metrics(applied) },
      { begin, end },
    ).map((widget) => (widget.kind === "alarms" ? { ...widget, names: widget.names.map(withoutPrefix) } : widget)),
    raised: new Set(on.map(({ name }) => name)),
  });
}
