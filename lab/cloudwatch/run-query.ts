import type { LogLine } from "./filter-pattern.ts";
import { isNumber, parseExpression, type Row, unknownIn } from "./query-expression.ts";

const AGGREGATE = /^(count|count_distinct|sum|max|pct)\((.*)\)(?: \/ (\d+))? as (\w+)$/;
/** Which some lines of an event do not have, and so perhaps none that is asked. */
const MAY_BE_ABSENT = new Set(["workflow", "memoryMib", "reason", "type", "error", "message", "microvmId", "launchId"]);

interface Answer {
  rows: Row[];
  /** The columns that are shown; all fields where no command has named any. */
  shown?: readonly string[];
}

/**
 * What CloudWatch Logs Insights answers, for the part of its language that the module's queries use: `fields`,
 * `filter`, `stats ... by`, `sort` and `limit`. Anything else is an error, and so is a field that no line has, which
 * the service would leave empty: no query passes here that asks for what nobody writes.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export function runQuery(query: string, lines: readonly { atMs: number; line: LogLine }[]): Row[] {
  const begin: Row[] = lines.map(({ atMs, line }) => ({ "@timestamp": new Date(atMs).toISOString(), ...line }));
  const { rows, shown } = query.split(/\n\| /).reduce<Answer>((answer, command) => carryOut(command, answer), {
    rows: begin,
  });
  if (shown === undefined) return rows;
  return rows.map((row) =>
    Object.fromEntries(shown.flatMap((field) => (row[field] == null ? [] : [[field, row[field]]]))),
  );
}

function carryOut(command: string, answer: Answer): Answer {
  const [, word = "", rest = ""] = /^(\w+) (.*)$/.exec(command) ?? [];
  const { rows, shown = [] } = answer;
  switch (word) {
    case "fields":
      return { rows, shown: [...shown, ...rest.split(", ")] };
    case "filter": {
      const { evaluate, fields } = parseExpression(rest);
      needFields(fields, rows);
      return { ...answer, rows: rows.filter((row) => evaluate(row) === true) };
    }
    case "stats":
      return stats(rest, rows);
    case "sort": {
      const [, field = "", order] = /^(\S+) (asc|desc)$/.exec(rest) ?? unknownIn(command);
      needFields([field, ...shown], rows);
      return { ...answer, rows: rows.toSorted((one, other) => compare(one[field], other[field], order === "asc")) };
    }
    case "limit":
      if (!/^[1-9]\d*$/.test(rest)) unknownIn(command);
      return { ...answer, rows: rows.slice(0, Number(rest)) };
    default:
      return unknownIn(command);
  }
}

function needFields(fields: readonly string[], rows: readonly Row[]): void {
  if (rows.length === 0) return;
  const none = fields.find((field) => !MAY_BE_ABSENT.has(field) && !rows.some((row) => field in row));
  if (none !== undefined) unknownIn(none);
}

function stats(text: string, rows: readonly Row[]): Answer {
  const [, what = "", by = ""] = /^(.*) by ([\w, ]+)$/.exec(text) ?? unknownIn(text);
  const fields = by.split(", ");
  needFields(fields, rows);
  const aggregates = what
    .split(/, (?=\w+\((?:[^()]|\([^()]*\))*\)(?: \/ \d+)? as )/)
    .map((part) => aggregateOf(part, rows));
  const groups = Map.groupBy(rows, (row) => JSON.stringify(fields.map((field) => row[field] ?? null)));
  return {
    shown: [...fields, ...aggregates.map(({ as }) => as)],
    rows: [...groups].map(([key, members]) => {
      const values = JSON.parse(key) as unknown[];
      const counted = aggregates.map(({ as, count }) => [as, count(members)] as const);
      return Object.fromEntries<unknown>([
        ...fields.map((field, index) => [field, values[index]] as const),
        ...counted,
      ]);
    }),
  };
}

function aggregateOf(text: string, rows: readonly Row[]) {
  const [, name = "", argument = "", divisor = "1", as = ""] = AGGREGATE.exec(text) ?? unknownIn(text);
  const [, of = argument, percent] = name === "pct" ? (/^(.*), (\d+)$/.exec(argument) ?? unknownIn(text)) : [];
  const count =
    name === "count" && of === "*" ? (members: readonly Row[]) => members.length : counter(name, of, percent);
  return {
    as,
    count(members: readonly Row[]) {
      const value = count(members);
      return value === undefined ? undefined : value / Number(divisor);
    },
  };

  function counter(kind: string, expression: string, percentile = "100") {
    const { evaluate, fields } = parseExpression(expression);
    needFields(fields, rows);
    return (members: readonly Row[]): number | undefined => {
      const all = members.map(evaluate).filter((value) => value !== undefined);
      if (kind === "count_distinct") return new Set(all).size;
      const values = all.filter(isNumber).sort((one, other) => one - other);
      if (values.length === 0) return undefined;
      if (kind === "sum") return values.reduce((sum, value) => sum + value, 0);
      if (kind === "max") return values.at(-1);
      if (kind === "pct") return values[Math.max(0, Math.ceil((Number(percentile) / 100) * values.length) - 1)];
      return unknownIn(text);
    };
  }
}

function compare(one: unknown, other: unknown, ascending: boolean): number {
  const order = isNumber(one) && isNumber(other) ? one - other : String(one).localeCompare(String(other));
  return ascending ? order : -order;
}
