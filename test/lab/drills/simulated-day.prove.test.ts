import { beforeAll, describe, expect, it } from "vitest";
import { describeCost, readCost } from "../../../cli/cost.ts";
import type { Monitoring } from "../../../lab/cloudwatch/definitions.ts";
import { runQuery } from "../../../lab/cloudwatch/run-query.ts";
import { applyAlarms, PREFIX } from "../../../lab/drills/apply-alarms.ts";
import { problemsOf } from "../../../lab/drills/judge-drill.ts";
import { historiesOf, type PlayedDrill, playDrill } from "../../../lab/drills/play-drill.ts";
import { SIMULATED_DAY } from "../../../lab/drills/simulated-day.ts";
import { pictureOf } from "../../../lab/simulate/day.ts";
import { readProjectFile } from "../../docs/markdown.ts";

let played: PlayedDrill;
beforeAll(async () => {
  played = await playDrill(SIMULATED_DAY, PREFIX);
}, 60_000);

const ask = (groups: readonly string[], query: string) =>
  runQuery(
    query,
    groups.flatMap((group) => played.recording.linesWith(group, "{")),
  );

const dollarsOf = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  rows.reduce((sum, { dollars }) => sum + Number(dollars ?? 0), 0);

describe.each([
  { region: "eu-west-1", priced: false },
  { region: "us-east-1", priced: true },
])("the simulated day, as applied in $region", ({ region, priced }) => {
  let applied: Monitoring;
  beforeAll(async () => {
    applied = await applyAlarms(region);
  }, 300_000);

  it("wakes nobody", () => {
    expect(problemsOf(played, historiesOf(played, applied, PREFIX))).toEqual([]);
  });

  it("has rows for every saved query and every table of the dashboard", () => {
    const tables = (JSON.parse(applied.dashboard ?? "{}") as { widgets: { properties: { query?: string } }[] }).widgets
      .flatMap(({ properties }) => properties.query ?? [])
      .map((query) => /^SOURCE '([^']+)'\n\| ([\s\S]*)$/.exec(query))
      .map((parts) => ({ name: parts?.[2] ?? "", logGroups: [parts?.[1] ?? ""], text: parts?.[2] ?? "" }));
    expect(tables.length).toBeGreaterThan(3);
    const empty = [...applied.queries, ...tables].filter(({ logGroups, text }) => ask(logGroups, text).length === 0);
    expect(empty.map(({ name }) => name)).toEqual([]);
  });

  it("is drawn, and the picture in the documents shows the same widgets", () => {
    const titlesIn = (svg: string) => [...svg.matchAll(/class="title">([^<]+)</g)].map(([, title]) => title);
    const drawn = pictureOf(played, applied);
    expect(titlesIn(drawn).length).toBeGreaterThan(12);
    // When they differ: npx projen simulate -- --day --svg docs/dashboard.svg
    expect(titlesIn(readProjectFile("docs/dashboard.svg"))).toEqual(titlesIn(drawn));
  });

  it("costs in the terminal what it costs in the saved query", async () => {
    const cost = await readCost({
      ...{ prefix: PREFIX, region, days: 7, now: () => played.end },
      ask: async ({ logGroup, lines }) =>
        ask([logGroup], lines.join("\n| ")).map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])),
        ),
    });
    expect(new Set(cost.rows.map((row) => row.class))).toEqual(new Set(["default", "large"]));
    expect(describeCost(cost).includes("$")).toBe(priced);
    const [saved] = applied.queries.filter(({ name }) => name === `${PREFIX}/cost by repository`);
    const rows = ask(saved?.logGroups ?? [], saved?.text ?? "");
    for (const { repo, dollars } of rows) {
      const own = cost.rows.filter(({ repository }) => repository === repo);
      expect(dollarsOf(own.map((row) => ({ dollars: row.dollars })))).toBeCloseTo(Number(dollars ?? 0), 6);
    }
    expect(dollarsOf(rows) > 1).toBe(priced);
  });
});
