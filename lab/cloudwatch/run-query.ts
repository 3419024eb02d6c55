import type { LogLine } from "./filter-pattern.ts";

type Row = Record<string, unknown>;

const AGGREGATE = /^(count|sum|max|pct)\(([^()]*)\)(?: \/ (\d+))? as (\w+)$/;

/**
 * What CloudWatch Logs Insights answers, for the part of its language that the module's queries use: `filter` by one value or
 * some, `fields`, `stats ... by`, `sort` and `limit`. Anything else is an error, so that no query passes here that is not read.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export function runQuery(query: string, lines: readonly { atMs: number; line: LogLine }[]): Row[] {
  let rows: Row[] = lines.map(({ atMs, line }) => ({ "@timestamp": new Date(atMs).toISOString(), ...line }));
  for (const command of query.split(/\s*\n\|?\s*/)) rows = carryOut(command, rows);
  return rows;
}

function carryOut(command: string, rows: Row[]): Row[] {
  const [, word = "", rest = ""] = /^(\w+) (.*)$/.exec(command) ?? [];
  switch (word) {
    case "filter":
      return rows.filter(conditionOf(rest));
    case "fields":
      // What is shown of each row is decided in the end: until then commands may use the others.
      return rows;
    case "stats":
      return stats(rest, rows);
    case "sort": {
      const [, field = "", order] = /^(\S+) (asc|desc)$/.exec(rest) ?? unknown(command);
      return rows.toSorted((one, other) => compare(one[field], other[field]) * (order === "asc" ? 1 : -1));
    }
    case "limit":
      return rows.slice(0, Number(rest));
    default:
      return unknown(command);
  }
}

function conditionOf(text: string): (row: Row) => boolean {
  const [, field = "", list, one] = /^(\w+) (?:in (\[.*\])|= "([^"]*)")$/.exec(text) ?? unknown(text);
  const values = list === undefined ? [one] : (JSON.parse(list) as unknown[]);
  return (row) => values.includes(row[field]);
}

function stats(text: string, rows: readonly Row[]): Row[] {
  const [, what = "", by = ""] = /^(.*) by (.*)$/.exec(text) ?? unknown(text);
  const fields = by.split(", ");
  const aggregates = what.split(/, (?=\w+\()/).map((part) => AGGREGATE.exec(part) ?? unknown(part));
  const groups = Map.groupBy(rows, (row) => JSON.stringify(fields.map((field) => row[field] ?? null)));
  return [...groups].map(([key, members]) => {
    const values = JSON.parse(key) as unknown[];
    const named = fields.flatMap((field, index) => (values[index] === null ? [] : [[field, values[index]] as const]));
    const counted = aggregates.flatMap(([, name = "", argument = "", divisor = "1", as = ""]) => {
      const value = aggregate(name, argument, members);
      return value === undefined ? [] : [[as, value / Number(divisor)] as const];
    });
    return Object.fromEntries<unknown>([...named, ...counted]);
  });
}

function aggregate(name: string, argument: string, rows: readonly Row[]): number | undefined {
  if (name === "count") return rows.length;
  const [expression = "", percent] = argument.split(", ");
  const values = rows.map((row) => product(expression, row)).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  if (name === "sum") return values.reduce((sum, value) => sum + value, 0);
  if (name === "max") return Math.max(...values);
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((Number(percent) / 100) * sorted.length) - 1)];
}

// A row that lacks a field has no value.
function product(expression: string, row: Row): number | undefined {
  const factors = expression.split(" * ").map((factor) => (/^[\d.]+$/.test(factor) ? Number(factor) : row[factor]));
  if (!factors.every((factor) => typeof factor === "number")) return undefined;
  return factors.reduce((result, factor) => result * factor, 1);
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other));
}

function unknown(text: string): never {
  throw new Error(`the lab's Logs Insights knows no ${JSON.stringify(text)}`);
}
