/**
 * Archives of a few small files, by the ZIP specification (APPNOTE 6.3.10, 4.3): what is read is found by the central
 * directory; compression is Node's own, which costs the function's file nothing.
 */
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/** Far more than any build context has: 20 KB are usual. */
const MAX_BYTES = 20_000_000;
const STORED = 0;
const DEFLATED = 8;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
/** 2.0, made on Unix: only then are the modes read. */
const MADE_BY = (3 << 8) | 20;
const NEEDED = 20;
/** Names are UTF-8. */
const FLAGS = 1 << 11;
const REGULAR_FILE = 0o100644;
/** 1980-01-01, the first day that the format knows. */
const FIXED_DATE = (1 << 5) | 1;

/** Contents by name. Throws for what is no such archive, and for one that is too large once it is unpacked. */
export function readZip(archive: Uint8Array): Map<string, Uint8Array> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = bytes.lastIndexOf(signature(END));
  if (end < 0 || end + END_BYTES > bytes.length) throw new Error("the archive has no end");
  const files = new Map<string, Uint8Array>();
  let at = bytes.readUInt32LE(end + 16);
  let left = MAX_BYTES;
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    if (bytes.readUInt32LE(at) !== CENTRAL) throw new Error("the archive's directory is broken");
    const nameBytes = bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes);
    if (!name.endsWith("/")) {
      const content = contentAt(bytes, at, left);
      left -= content.length;
      files.set(name, content);
    }
    at += CENTRAL_BYTES + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return files;
}

function contentAt(bytes: Buffer, at: number, most: number): Uint8Array {
  const method = bytes.readUInt16LE(at + 10);
  const sum = bytes.readUInt32LE(at + 16);
  const packed = bytes.readUInt32LE(at + 20);
  if (bytes.readUInt32LE(at + 24) > most) throw new Error(`the archive holds more than ${MAX_BYTES} bytes`);
  const local = bytes.readUInt32LE(at + 42);
  const start = local + LOCAL_BYTES + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const body = bytes.subarray(start, start + packed);
  if (method !== STORED && method !== DEFLATED)
    throw new Error(`the archive is packed in a way that is not known: ${method}`);
  const content = method === STORED ? body : inflateRawSync(body, { maxOutputLength: Math.max(1, most) });
  if (crc32(content) !== sum) throw new Error("the archive is damaged");
  return new Uint8Array(content);
}

/** An archive whose bytes follow from names and contents alone. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const nameBytes = Buffer.from(name);
    const packed = deflateRawSync(content, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(NEEDED, 0);
    common.writeUInt16LE(FLAGS, 2);
    common.writeUInt16LE(DEFLATED, 4);
    common.writeUInt16LE(FIXED_DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const own = Buffer.alloc(14);
    own.writeUInt32LE(REGULAR_FILE * 0x1_0000, 6);
    own.writeUInt32LE(offset, 10);
    directory.push(signature(CENTRAL), uint16(MADE_BY), common, own, nameBytes);
    parts.push(signature(LOCAL), common, nameBytes, packed);
    offset += LOCAL_BYTES + nameBytes.length + packed.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...parts, index, end]));
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
