import { expect, it } from "vitest";
import { METRICS } from "../../contract/metrics.ts";
import { SAVED_QUERIES } from "../../contract/queries.ts";
import { deployment } from "../e2e/deployment.ts";

it("shows metrics that are counted and alarms that are there, side by side, in less than 20 KB", async () => {
  const { terraform } = deployment();
  const resources = await terraform.resources();
  const of = (type: string) => resources.filter((each) => each.type === type).map(({ values }) => values);
  const [dashboard] = of("aws_cloudwatch_dashboard");
  expect(dashboard?.dashboard_name).toBe("gha-microvm-eu-west-1");
  const text = String(dashboard?.dashboard_body);
  expect(text.length).toBeLessThan(20_000);
  const { widgets }: { widgets: Widget[] } = JSON.parse(text);
  const alarms = of("aws_cloudwatch_metric_alarm").map(({ arn }) => arn);
  expect(widgets.flatMap(({ properties }) => properties.alarms ?? []).sort()).toEqual(alarms.sort());
  const own = widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter(([namespace]) => namespace === "gha-microvm")
    .map(([, name]) => name);
  const counted = Object.values(METRICS).map(({ name }) => name);
  expect(own.filter((name) => !counted.some((each) => each === name))).toEqual([]);
  for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  const places = widgets.map(({ x, y }) => `${x}/${y}`);
  expect(places).toEqual([...new Set(places)]);
  const saved = of("aws_cloudwatch_query_definition");
  expect(saved.map(({ name }) => name).sort()).toEqual(SAVED_QUERIES.map(({ name }) => `gha-microvm/${name}`).sort());
  // eu-west-1 has no price.
  expect(JSON.stringify(saved)).not.toMatch(/dollars/i);
  const texts = saved.map(({ query_string, log_group_names }) => `SOURCE '${log_group_names}'\n| ${query_string}`);
  const tables = widgets.flatMap(({ properties }) => properties.query ?? []);
  expect(tables.length).toBeGreaterThan(3);
  expect(tables.filter((query) => !texts.includes(query))).toEqual([]);
  expect((await terraform.plan()).changes).toBe(false);
});

interface Widget {
  x: number;
  y: number;
  width: number;
  properties: { alarms?: string[]; metrics?: string[][]; query?: string };
}
