import { type Zippable, zipSync } from "fflate";

/** Unix, in the "made by" field: only then are the modes read. */
const UNIX = 3;
const REGULAR_FILE = 0o100644;
/** fflate writes a date's local hours: made of local hours too, it reads the same in every time zone. */
const FIXED_TIME = new Date(1980, 0, 1, 12);

/** A zip whose bytes follow from names and contents alone: entries sorted, times and modes fixed. */
export function deterministicZip(files: ReadonlyMap<string, string | Uint8Array>): Uint8Array {
  const entries: Zippable = {};
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    entries[name] = [bytes, { level: 9, mtime: FIXED_TIME, os: UNIX, attrs: REGULAR_FILE * 0x1_0000 }];
  }
  return zipSync(entries);
}
