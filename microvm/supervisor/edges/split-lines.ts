import type { Readable } from "node:stream";

/** CloudWatch takes events of 256 KB; a longer line than this is cut where nobody reads on. */
const MAX_LINE_LENGTH = 4_096;

/** Calls `onLine` for each line of a stream, the last one also without its newline; long lines are cut. */
export function onLines(stream: Readable | null, onLine: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE_LENGTH);
    for (const line of lines) onLine(line.replace(/\r$/, "").slice(0, MAX_LINE_LENGTH));
  });
  stream?.on("end", () => {
    if (rest !== "") onLine(rest);
  });
  stream?.on("error", () => {});
}
