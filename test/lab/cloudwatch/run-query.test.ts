import { describe, expect, it } from "vitest";
import { runQuery } from "../../../lab/cloudwatch/run-query.ts";

const lines = [
  { event: "a", repo: "acme/shop", seconds: 10, mib: 2 },
  { event: "a", repo: "acme/shop", seconds: 2, mib: 2 },
  { event: "a", repo: "acme/site", seconds: 6 },
  { event: "b", repo: "acme/site", reason: "x" },
].map((line, index) => ({ atMs: index * 1_000, line }));
const ask = (...commands: string[]) => runQuery(commands.join("\n| "), lines);

describe("Logs Insights in the lab", () => {
  it("counts, sums and takes percentiles by a field, and has no value where a number is absent", () => {
    expect(
      ask(
        'filter event = "a" and seconds > 0',
        "stats count(*) as lines, sum(greatest(seconds - 3, 0) * mib) as over, sum(least(seconds, 3) + 0.5) as under, pct(seconds, 50) as p50, max(seconds) / 2 as half by repo",
        "sort lines desc",
      ),
    ).toEqual([
      { repo: "acme/shop", lines: 2, over: 14, under: 6, p50: 2, half: 5 },
      { repo: "acme/site", lines: 1, under: 3.5, p50: 6, half: 3 },
    ]);
  });

  it("shows the fields that were asked for, in order and number", () => {
    expect(ask("fields @timestamp, seconds", 'filter event in ["a"]', "sort seconds asc", "limit 1")).toEqual([
      { "@timestamp": "1970-01-01T00:00:01.000Z", seconds: 2 },
    ]);
    expect(ask("filter ispresent(reason)", "stats count_distinct(repo) as repos by reason")).toEqual([
      { reason: "x", repos: 1 },
    ]);
  });

  it.each([
    ["a command", ["dedup repo"]],
    ["a function", ["stats sum(ceiling(seconds)) as s by repo"]],
    ["an aggregate", ["stats median(seconds) as s by repo"]],
    ["a field of no line", ['filter event = "a"', "stats sum(secnds) as s by repo"]],
    ["a field of no such line", ['filter event = "b"', "stats max(seconds) as s by repo"]],
    ["a group by a field of no line", ["stats count(*) as lines by klass"]],
    ["an operator", ["filter seconds ~ 3"]],
    ["half a condition", ["filter seconds >"]],
    ["a column that is not there any more", ["stats count(*) as lines by repo", "sort seconds desc"]],
  ])("refuses %s that it does not know", (_, commands) => {
    expect(() => ask(...commands)).toThrow("Logs Insights knows no");
  });
});
