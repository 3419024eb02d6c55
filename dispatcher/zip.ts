import { unzipSync, type Zippable, zipSync } from "fflate";

/** Far more than any build context has: 20 KB are usual. */
const MAX_BYTES = 20_000_000;
/** Unix, in the "made by" field: only then are the modes read. */
const UNIX = 3;
const REGULAR_FILE = 0o100644;
/** fflate writes a date's local hours: made of local hours too, it reads the same in every time zone. */
const FIXED_TIME = new Date(1980, 0, 1, 12);

/** Contents by name. Throws for what is no zip, and for one that is too large once it is unpacked. */
export function readZip(archive: Uint8Array): Map<string, Uint8Array> {
  let bytes = 0;
  const files = unzipSync(archive, {
    filter(file) {
      bytes += file.originalSize;
      if (bytes > MAX_BYTES) throw new Error(`the archive holds more than ${MAX_BYTES} bytes`);
      return !file.name.endsWith("/");
    },
  });
  return new Map(Object.entries(files));
}

/** An archive whose bytes follow from names and contents alone. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = {};
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    entries[name] = [bytes, { level: 9, mtime: FIXED_TIME, os: UNIX, attrs: REGULAR_FILE * 0x1_0000 }];
  }
  return zipSync(entries);
}
