/** A row of what Logs Insights answers: texts by field. */
export type LogRow = Readonly<Record<string, string>>;

export interface CostRow {
  repository: string;
  workflow: string;
  class: string;
  launches: number;
  /** MicroVM minutes. */
  minutes: number;
  /** Undefined where the Region has no price, or its class an image of its own. */
  dollars: number | undefined;
  /** What no job's page counts: the time before `/run`, and the snapshot read where it has a price. */
  startDollars: number | undefined;
  jobs: number;
  startP50: number | undefined;
  startP90: number | undefined;
  runMinutes: number;
}

/** What MicroVMs cost and how long jobs took, by repository, workflow and class; the dearest first. */
export function costRows(cost: readonly LogRow[], times: readonly LogRow[]): CostRow[] {
  const timesOf = new Map(times.map((row) => [keyOf(row), row]));
  const keys = new Set([...cost, ...times].map(keyOf));
  const costOf = new Map(cost.map((row) => [keyOf(row), row]));
  return [...keys]
    .map((key) => {
      const [spent = {}, took = {}] = [costOf.get(key), timesOf.get(key)];
      const [repository = "", workflow = "", runnerClass = ""] = JSON.parse(key) as string[];
      return {
        ...{ repository, workflow, class: runnerClass },
        ...{ launches: numberOf(spent.launches) ?? 0, minutes: numberOf(spent.minutes) ?? 0 },
        ...{ dollars: numberOf(spent.dollars), startDollars: numberOf(spent.startDollars) },
        jobs: numberOf(took.jobs) ?? 0,
        ...{ startP50: numberOf(took.startP50), startP90: numberOf(took.startP90) },
        runMinutes: numberOf(took.runMinutes) ?? 0,
      };
    })
    .sort((one, other) => other.minutes - one.minutes);
}

const HEADINGS = ["Repository", "Workflow", "Class", "Jobs", "p50 s", "p90 s", "Min", "MicroVMs", "Min"];

/** The rows in columns; dollars only where the Region has a price. */
export function printCost(rows: readonly CostRow[], priced: boolean): string {
  if (rows.length === 0) return "no MicroVM has ended in that time";
  const whole = (value: number | undefined) => (value === undefined ? "-" : String(Math.round(value)));
  const usd = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(2));
  const cells = rows.map((row) => [
    ...[row.repository, row.workflow || "-", row.class, whole(row.jobs), whole(row.startP50), whole(row.startP90)],
    ...[whole(row.runMinutes), whole(row.launches), whole(row.minutes)],
    ...(priced ? [usd(row.dollars), usd(row.startDollars)] : []),
  ]);
  const headings = priced ? [...HEADINGS, "At least $", "Start $"] : HEADINGS;
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const isText = (column: number) => column < 3;
  const pad = (cell: string, column: number) =>
    isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return [headings, ...cells].map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

function keyOf({ repo = "", workflow = "", class: runnerClass = "" }: LogRow): string {
  return JSON.stringify([repo, workflow, runnerClass]);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === "" ? undefined : Number(text);
}
