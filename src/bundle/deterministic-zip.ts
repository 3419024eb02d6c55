import JSZip from "jszip";

const REGULAR_FILE = 0o100644;
/** JSZip writes a date's UTC hours. */
const FIXED_TIME = new Date(Date.UTC(1980, 0, 1, 12));

/** A zip whose bytes follow from names and contents alone: entries sorted, times and modes fixed. */
export async function deterministicZip(files: ReadonlyMap<string, string | Uint8Array>): Promise<Uint8Array> {
  const zip = new JSZip();
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    zip.file(name, content, { date: FIXED_TIME, unixPermissions: REGULAR_FILE, createFolders: false });
  }
  // Deflated in JavaScript: that of Node.js finds other matches on another kind of processor.
  return zip.generateAsync({
    type: "uint8array",
    platform: "UNIX",
    compression: "DEFLATE",
    compressionOptions: { level: 9 },
  });
}
