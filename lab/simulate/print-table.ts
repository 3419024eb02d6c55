/** Rows in columns as wide as their widest cell; a column whose heading begins with `>` stands to the right. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = headings.map((heading) => heading.replace(/^>/, ""));
  const width = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        headings[column]?.startsWith(">") ? cell.padStart(width[column] ?? 0) : cell.padEnd(width[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [titles, ...rows].map(line).join("\n");
}
