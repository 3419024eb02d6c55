import type { Series, Widget } from "../cloudwatch/dashboard.ts";
import { xml } from "./xml.ts";

export interface DashboardPicture {
  title: string;
  /** For whoever cannot see it. */
  description: string;
  widgets: readonly Widget[];
  /** Names of the alarms that are on. */
  raised: ReadonlySet<string>;
  begin: Date;
  end: Date;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const CELL = { width: 44, height: 34 };
const EDGE = 12;
const GAP = 4;
const HEAD = 44;
const LINE = 16;
const HOUR_MS = 3_600_000;
const HOURS_BETWEEN_LABELS = 6;
const COLOURS = 5;

const STYLE = [
  "text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .soft { fill: #59636e }",
  ".big { font-size: 26px; font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle }",
  ".page { fill: #f6f8fa; stroke: #d1d9e0 } .widget { fill: #ffffff; stroke: #d1d9e0 } .axis { stroke: #d1d9e0 } .ok { fill: #1a7f37 }",
  ".alarm { fill: #cf222e } path { fill: none; stroke-width: 2; stroke-linecap: round }",
  ".s0 { stroke: #0969da; fill: #0969da } .s1 { stroke: #bc4c00; fill: #bc4c00 } .s2 { stroke: #1a7f37; fill: #1a7f37 }",
  ".s3 { stroke: #8250df; fill: #8250df } .s4 { stroke: #bf3989; fill: #bf3989 } path.s0, path.s1, path.s2, path.s3, path.s4 { fill: none }",
  "@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .soft { fill: #9aa4af } .page { fill: #010409; stroke: #3d444d }",
  "  .widget { fill: #0d1117; stroke: #3d444d } .axis { stroke: #3d444d } .ok { fill: #3fb950 } .alarm { fill: #f85149 }",
  "  .s0 { stroke: #4493f8; fill: #4493f8 } .s1 { stroke: #db6d28; fill: #db6d28 } .s2 { stroke: #3fb950; fill: #3fb950 }",
  "  .s3 { stroke: #ab7df8; fill: #ab7df8 } .s4 { stroke: #db61a2; fill: #db61a2 } path.s0, path.s1, path.s2, path.s3, path.s4 { fill: none } }",
];

/** A dashboard as an SVG that knows light and dark. */
export function drawDashboard(picture: DashboardPicture): string {
  const { title, description, widgets } = picture;
  const width = 2 * EDGE + CELL.width * Math.max(...widgets.map((widget) => widget.x + widget.width));
  const height = HEAD + EDGE + CELL.height * Math.max(...widgets.map((widget) => widget.y + widget.height));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `  <title id="title">${xml(title)}</title>`,
    `  <desc id="desc">${xml(description)}</desc>`,
    "  <style>",
    ...STYLE.map((line) => `    ${line}`),
    "  </style>",
    `  <rect class="page" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    `  <text x="${EDGE + GAP}" y="28" class="title">${xml(title)}</text>`,
    ...widgets.flatMap((widget) => drawWidget(widget, picture)),
    "</svg>",
    "",
  ].join("\n");
}

function drawWidget(widget: Widget, picture: DashboardPicture): string[] {
  const outer = {
    x: EDGE + widget.x * CELL.width + GAP,
    y: HEAD + widget.y * CELL.height + GAP,
    width: widget.width * CELL.width - 2 * GAP,
    height: widget.height * CELL.height - 2 * GAP,
  };
  const inner = { x: outer.x + 12, y: outer.y + 30, width: outer.width - 24, height: outer.height - 40 };
  return [
    `  <rect class="widget" x="${outer.x}" y="${outer.y}" width="${outer.width}" height="${outer.height}" rx="6"/>`,
    `  <text x="${inner.x}" y="${outer.y + 20}" class="title">${xml(widget.title)}</text>`,
    ...drawContent(widget, inner, picture).map((line) => `  ${line}`),
  ];
}

function drawContent(widget: Widget, box: Box, picture: DashboardPicture): string[] {
  switch (widget.kind) {
    case "alarms":
      return drawAlarms(widget.names, box, picture.raised);
    case "number":
      return [
        `<text x="${box.x}" y="${box.y + 30}" class="big">${widget.value === undefined ? "-" : short(widget.value)}</text>`,
      ];
    case "chart":
      return drawChart(widget.series, box, picture);
    case "table":
      return drawTable(widget.rows, box);
  }
}

const ALARM_COLUMNS = 6;

function drawAlarms(names: readonly string[], { x, y, width, height }: Box, raised: ReadonlySet<string>): string[] {
  const rows = Math.ceil(names.length / ALARM_COLUMNS);
  return names.flatMap((name, index) => {
    const left = x + (index % ALARM_COLUMNS) * (width / ALARM_COLUMNS);
    const middle = Math.round(y + (Math.floor(index / ALARM_COLUMNS) + 0.5) * (height / rows));
    const isOn = raised.has(name);
    return [
      `<circle class="${isOn ? "alarm" : "ok"}" cx="${Math.round(left) + 5}" cy="${middle}" r="5"/>`,
      `<text x="${Math.round(left) + 16}" y="${middle + 4}">${xml(name)}${isOn ? " (in alarm)" : ""}</text>`,
    ];
  });
}

function drawChart(series: readonly Series[], box: Box, { begin, end }: DashboardPicture): string[] {
  const legend = legendOf(series, box.width);
  const rows = (legend.at(-1)?.row ?? 0) + 1;
  const area = { x: box.x + 34, y: box.y, width: box.width - 34, height: box.height - (rows + 1) * LINE - 4 };
  const most = roundUp(Math.max(0, ...series.flatMap(({ points }) => points.map(({ value }) => value))));
  const [fromMs, untilMs] = [begin.getTime(), end.getTime()];
  const bottom = area.y + area.height;
  const xOf = (atMs: number) => Math.round(area.x + ((atMs - fromMs) / (untilMs - fromMs)) * area.width);
  const yOf = (value: number) => Math.round(bottom - (value / most) * area.height);
  const hours: string[] = [];
  for (let atMs = fromMs; atMs <= untilMs; atMs += HOURS_BETWEEN_LABELS * HOUR_MS) {
    const anchor = atMs === fromMs ? "" : atMs === untilMs ? " end" : " middle";
    hours.push(
      `<text x="${xOf(atMs)}" y="${bottom + 14}" class="soft${anchor}">${new Date(atMs).toISOString().slice(11, 16)}</text>`,
    );
  }
  return [
    ...[0, most / 2, most].flatMap((value) => [
      `<line class="axis" x1="${area.x}" y1="${yOf(value)}" x2="${area.x + area.width}" y2="${yOf(value)}"/>`,
      `<text x="${area.x - 6}" y="${yOf(value) + 4}" class="soft end">${short(value)}</text>`,
    ]),
    ...hours,
    ...series.map(({ points }, index) => `<path class="s${index % COLOURS}" d="${lineOf(points, xOf, yOf)}"/>`),
    ...legend.flatMap(({ label, left, row }, index) => {
      const [x, y] = [Math.round(box.x + left), box.y + box.height - 4 - (rows - 1 - row) * LINE];
      return [
        `<rect class="s${index % COLOURS}" x="${x}" y="${y - 8}" width="8" height="8"/>`,
        `<text x="${x + 12}" y="${y}" class="soft">${xml(label)}</text>`,
      ];
    }),
  ];
}

/** Two points that are further apart are not joined: in between nothing was reported. */
const JOINED_MS = 1_800_000;

function lineOf(points: Series["points"], xOf: (atMs: number) => number, yOf: (value: number) => number): string {
  let path = "";
  let before = Number.NEGATIVE_INFINITY;
  for (const { atMs, value } of points) {
    path += `${atMs - before > JOINED_MS ? "M" : "L"}${xOf(atMs)} ${yOf(value)}`;
    // A line to itself shows as a dot.
    if (atMs - before > JOINED_MS) path += "h0";
    before = atMs;
  }
  return path;
}

/** Wide enough for each letter of that size. */
const LETTER = 6.8;

/** Where the labels stand, in as many rows as it takes. */
function legendOf(series: readonly Series[], width: number): { label: string; left: number; row: number }[] {
  let [left, row] = [0, 0];
  return series.map(({ label }) => {
    const needed = 26 + label.length * LETTER;
    if (left + needed > width) [left, row] = [0, row + 1];
    const at = { label, left, row };
    left += needed;
    return at;
  });
}

function drawTable(rows: readonly Readonly<Record<string, unknown>>[], box: Box): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shown = rows.slice(0, Math.floor(box.height / LINE) - 1);
  const cells = [columns, ...shown.map((row) => columns.map((column) => cellOf(row[column])))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const all = widths.reduce((sum, width) => sum + width, 0);
  const isNumber = (column: number) => shown.every((row) => typeof row[columns[column] ?? ""] === "number");
  return cells.flatMap((line, index) => {
    let left = box.x;
    return line.map((text, column) => {
      const width = ((widths[column] ?? 0) / all) * box.width;
      const [at, end] = isNumber(column) ? [left + width - 8, " end"] : [left, ""];
      left += width;
      return `<text x="${Math.round(at)}" y="${box.y + 8 + index * LINE}" class="${index === 0 ? "soft" : ""}${end}">${xml(text)}</text>`;
    });
  });
}

function cellOf(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toFixed(2);
  const text = String(value ?? "-");
  return /^\d{4}-\d\d-\d\dT/.test(text) ? text.slice(11, 19) : text;
}

/** The least of 1, 2 and 5 times a power of ten that is not below. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((limit) => limit >= value) ?? value;
}

function short(value: number): string {
  if (value >= 10_000) return `${(value / 1_000).toFixed(0)}k`;
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 1 : 0);
}
