import peers from "./peers.json" with { type: "json" };

/** The comparison with other runners; each cell links to where that is known from. */
export function printPeers(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const dates = peers.rows.flatMap(({ cells }) => cells.map(({ date }) => date)).toSorted();
  return [
    row(["", ...peers.columns]),
    row(["---", ...peers.columns.map(() => "---")]),
    ...peers.rows.map(({ title, cells }) => row([title, ...cells.map(({ text, source }) => `[${text}](${source})`)])),
    "",
    `Each cell leads to its source, read between ${dates[0]} and ${dates.at(-1)}; nothing of the others was run here.`,
  ].join("\n");
}
