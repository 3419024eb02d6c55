/**
 * The parts of the system and what goes between them, as one picture: drawn by code, so that a change of it is a change
 * of text.
 */

interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly text: string;
  /** Default: {@link SIZE}. */
  readonly height?: number;
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Where the label stands: how far along, 0 to 1, and how far beside. */
  readonly at?: readonly [number, number];
}

const SIZE = { width: 224, height: 58 };
const PICTURE = { width: 900, height: 400 };

const BOXES: readonly Box[] = [
  { id: "github", x: 20, y: 20, title: "GitHub", text: "queues jobs", height: 318 },
  { id: "webhook", x: 340, y: 20, title: "Webhook function", text: "checks the signature" },
  { id: "queue", x: 650, y: 20, title: "Queue", text: "keeps what was taken" },
  { id: "dispatcher", x: 650, y: 150, title: "Dispatcher function", text: "follows each job to its end" },
  { id: "microvm", x: 340, y: 280, title: "MicroVM", text: "one runner, one job, then gone" },
  { id: "table", x: 650, y: 280, title: "Table", text: "what is known of each job" },
  { id: "redeliver", x: 340, y: 150, title: "Redeliver function", text: "asks for what failed" },
];

const ARROWS: readonly Arrow[] = [
  { from: "github", to: "webhook", label: "1 queued" },
  { from: "webhook", to: "queue", label: "2 message" },
  { from: "queue", to: "dispatcher", label: "3", at: [0.5, 12] },
  { from: "dispatcher", to: "microvm", label: "4 launches", at: [0.5, -2] },
  { from: "microvm", to: "github", label: "5 runs it" },
  { from: "dispatcher", to: "table", label: "", at: [0.5, 10] },
  { from: "redeliver", to: "github", label: "each 5 min" },
];

const STYLE = [
  "text { font: 14px ui-sans-serif, system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .soft { fill: #59636e }",
  ".page { fill: #ffffff; stroke: #d1d9e0 } .box { fill: #f6f8fa; stroke: #59636e } .arrow { stroke: #0b5d1e; stroke-width: 2; fill: none }",
  "#head path { fill: #0b5d1e }",
  "@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .soft { fill: #9aa4af } .page { fill: #0d1117; stroke: #3d444d }",
  "  .box { fill: #151b23; stroke: #9aa4af } .arrow { stroke: #3fb950 } #head path { fill: #3fb950 } }",
];

const TITLE = "How a queued job gets its MicroVM";
const DESCRIPTION =
  "GitHub sends a signed delivery to the webhook function, which puts a message into a queue. The dispatcher function takes it, " +
  "writes what it does into a table, and launches one MicroVM, whose runner takes the job from GitHub and is gone after it. A " +
  "redeliver function asks GitHub every five minutes for deliveries that failed.";

export function drawArchitecture(): string {
  const { width, height } = PICTURE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `  <title id="title">${TITLE}</title>`,
    `  <desc id="desc">${DESCRIPTION}</desc>`,
    "  <style>",
    ...STYLE.map((line) => `    ${line}`),
    "  </style>",
    '  <defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    `  <rect class="page" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    ...ARROWS.flatMap(drawArrow),
    ...BOXES.flatMap(drawBox),
    `  <text x="20" y="${height - 20}" class="soft">In your AWS account: all but GitHub. Nothing but a stored image costs anything while no job is queued.</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function drawBox({ x, y, title, text, height = SIZE.height }: Box): string[] {
  const { width } = SIZE;
  return [
    `  <rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    `  <text x="${x + width / 2}" y="${y + 25}" text-anchor="middle" class="title">${title}</text>`,
    `  <text x="${x + width / 2}" y="${y + 45}" text-anchor="middle" class="soft">${text}</text>`,
  ];
}

function drawArrow({ from, to, label, at = [0.5, -10] }: Arrow): string[] {
  const [a, b] = [boxOf(from), boxOf(to)];
  const [start, end] = [edge(a, b), edge(b, a)];
  const [along, beside] = at;
  const x = start.x + (end.x - start.x) * along;
  const y = start.y + (end.y - start.y) * along + beside;
  const line = `  <path class="arrow" d="M${start.x} ${start.y}L${end.x} ${end.y}" marker-end="url(#head)"/>`;
  const isUpright = Math.abs(end.x - start.x) < 1;
  const isLevel = Math.abs(end.y - start.y) < 1;
  const anchor = isUpright ? { x: x + 12, by: "start" } : isLevel ? { x, by: "middle" } : { x: x - 10, by: "end" };
  return label === ""
    ? [line]
    : [
        line,
        `  <text x="${anchor.x.toFixed(0)}" y="${y.toFixed(0)}" text-anchor="${anchor.by}" class="soft">${label}</text>`,
      ];
}

function boxOf(id: string): Box {
  const found = BOXES.find((box) => box.id === id);
  if (found === undefined) throw new Error(`the picture has no box ${id}`);
  return found;
}

/** The middle of the side of `box` that looks at `other`. */
function edge(box: Box, other: Box): { x: number; y: number } {
  const { width } = SIZE;
  const { height = SIZE.height } = box;
  // Beside a box that is higher than the other, the line is level.
  const level = height > SIZE.height ? other : box;
  const middle = { x: box.x + width / 2, y: level.y + SIZE.height / 2 };
  if (Math.abs(other.x - box.x) < width) {
    return { x: middle.x, y: other.y > box.y ? box.y + height + 2 : box.y - 2 };
  }
  return { x: other.x > box.x ? box.x + width + 2 : box.x - 2, y: middle.y };
}
