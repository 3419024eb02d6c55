/** A terminal's width; nothing that is printed is wider. */
export const WIDTH = 80;

/** One line of a report: its columns but the last stand in their own width, the last is wrapped inside its own. */
export type Row = readonly string[];

/** Rows as text, `gap` apart; long words, such as URLs, are cut where the column ends. */
export function printRows(rows: readonly Row[], gap = 2): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns - 1 }, (_, index) =>
    Math.max(0, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const indent = widths.reduce((sum, width) => sum + width + gap, 0);
  return rows
    .flatMap((row) => {
      const head = widths.map((width, index) => (row[index] ?? "").padEnd(width + gap)).join("");
      return wrap(row[columns - 1] ?? "", WIDTH - indent).map((line, index) =>
        `${index === 0 ? head : " ".repeat(indent)}${line}`.trimEnd(),
      );
    })
    .join("\n");
}

/** Text broken into lines of at most `width` characters, at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((word) => pieces(word, width))) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): string[] {
  return word.match(new RegExp(`.{1,${width}}`, "gu")) ?? [];
}
