import type { Step } from "./timeline.ts";
import { xml } from "./xml.ts";

const WIDTH = 800;
const ROW = 26;
const TOP = 52;
const BAR = { left: 330, right: 40 };

/**
 * A job's way as an SVG: a row for each step that happened, its bar from the step before to itself, appearing one after
 * the other as they did. It stands still for readers who asked for less motion.
 */
export function drawTimeline(title: string, steps: readonly Step[]): string {
  const happened = steps.flatMap(({ name, at }) => (at === undefined ? [] : [{ name, at }]));
  const begin = happened[0]?.at ?? 0;
  const total = Math.max(1, ...happened.map(({ at }) => at - begin));
  const x = (at: number) => BAR.left + ((at - begin) / total) * (WIDTH - BAR.left - BAR.right);
  const rows = happened.map(({ name, at }, index) => {
    const from = x(happened[index - 1]?.at ?? at);
    const y = TOP + index * ROW;
    const seconds = ((at - begin) / 1_000).toFixed(2);
    return [
      `  <g class="step" style="animation-delay:${seconds}s">`,
      `    <text x="20" y="${y + 13}">${xml(name)}</text>`,
      `    <text x="${BAR.left - 16}" y="${y + 13}" text-anchor="end" class="time">${seconds} s</text>`,
      `    <rect x="${from.toFixed(1)}" y="${y + 2}" width="${Math.max(3, x(at) - from).toFixed(1)}" height="14" rx="3"/>`,
      "  </g>",
    ].join("\n");
  });
  const height = TOP + happened.length * ROW + 14;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${xml(title)}">`,
    "  <style>",
    "    text { font: 13px ui-monospace, monospace; fill: #1f2328 }",
    "    .title { font-weight: bold } .time { fill: #59636e } rect { fill: #2da44e } .page { fill: #ffffff; stroke: #d1d9e0 }",
    "    .step { animation: appear .2s both } @keyframes appear { from { opacity: 0 } }",
    "    @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .time { fill: #9aa4af } rect { fill: #3fb950 }",
    "      .page { fill: #0d1117; stroke: #3d444d } }",
    "    @media (prefers-reduced-motion: reduce) { .step { animation: none } }",
    "  </style>",
    `  <rect class="page" x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`,
    `  <text x="20" y="30" class="title">${xml(title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}
