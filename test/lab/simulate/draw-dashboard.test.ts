import { describe, expect, it } from "vitest";
import { showDashboard } from "../../../lab/cloudwatch/dashboard.ts";
import { Recording } from "../../../lab/cloudwatch/recording.ts";
import { drawDashboard } from "../../../lab/simulate/draw-dashboard.ts";

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 5) + minutes * 60_000);
const recording = new Recording();
for (const [minutes, value] of [
  [1, 4],
  [2, 8],
  [3, 6],
  [120, 2],
] as const) {
  recording.report("AWS/SQS", "Depth", "jobs", at(minutes), value);
}
recording.log("/aws/lambda/d", at(5), JSON.stringify({ event: "a", repo: "acme/<shop>", seconds: 3 }));

const metric = (stat: string) => ["AWS/SQS", "Depth", "QueueName", "jobs", { stat, label: stat }];
const place = { x: 0, y: 0, width: 8, height: 6 };
const properties = { title: "Depth", period: 300 };
const widget = (type: string, more: object) => ({ ...place, type, properties: { ...properties, ...more } });
const show = (...widgets: object[]) =>
  showDashboard(
    JSON.stringify({ widgets }),
    { recording, metrics: recording.metrics({ filters: [] }) },
    { begin: at(0), end: at(1_440) },
  );

describe("a dashboard in the lab", () => {
  it("shows what was recorded, by each widget's own statistic", () => {
    const stats = ["Sum", "Maximum", "SampleCount", "p50"];
    const [number, chart, table] = show(
      widget("metric", { view: "singleValue", metrics: [metric("Maximum")] }),
      widget("metric", { view: "timeSeries", metrics: stats.map(metric) }),
      widget("log", { query: "SOURCE '/aws/lambda/d'\n| stats sum(seconds) as all by repo" }),
    );
    expect(number).toMatchObject({ kind: "number", value: 8 });
    const series = chart?.kind === "chart" ? chart.series : [];
    expect(series.map(({ points }) => points.map(({ value }) => value))).toEqual([
      [18, 2],
      [8, 2],
      [3, 1],
      [6, 2],
    ]);
    expect(table).toMatchObject({ kind: "table", rows: [{ repo: "acme/<shop>", all: 3 }] });
  });

  it.each([
    ["widget", widget("text", {})],
    ["statistic", widget("metric", { view: "timeSeries", metrics: [metric("tm90")] })],
    ["query", widget("log", { query: "fields @timestamp" })],
  ])("knows no other %s", (_, other) => {
    expect(() => show(other)).toThrow("the lab knows no");
  });
});

describe("its picture", () => {
  const draw = (raised: string[] = []) =>
    drawDashboard({
      ...{ title: "A day", description: "What there is.", begin: at(0), end: at(1_440), raised: new Set(raised) },
      widgets: show(
        widget("alarm", { alarms: ["arn:aws:cloudwatch:eu-west-1:1:alarm:denied"] }),
        widget("metric", { view: "timeSeries", metrics: [metric("Sum")] }),
        widget("log", { query: "SOURCE '/aws/lambda/d'\n| stats sum(seconds) as all by repo" }),
      ),
    });

  it("says what it shows to whoever cannot see it, knows light and dark, and is XML", () => {
    const svg = draw();
    expect(svg).toContain('<desc id="desc">What there is.</desc>');
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).toContain("acme/&lt;shop&gt;");
  });

  it("says in words, and not by a colour alone, which alarm is on", () => {
    expect(draw()).not.toContain("(in alarm)");
    expect(draw(["denied"])).toContain("denied (in alarm)");
  });
});
