import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { deterministicZip } from "../../../src/bundle/deterministic-zip.ts";

const FILES: [string, string][] = [
  ["Dockerfile", "FROM scratch\n"],
  ["a/b.js", "exports.x = 1;\n"],
  ["z.txt", "ü".repeat(1_000)],
];

describe("deterministicZip", () => {
  it("gives the same bytes whatever the order of the files", async () => {
    const zip = await deterministicZip(new Map(FILES));

    const reversed = await deterministicZip(new Map(FILES.toReversed()));

    expect(Buffer.from(reversed).equals(zip)).toBe(true);
  });

  it.each(["UTC", "America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu"])(
    "gives the same bytes in %s",
    async (zone) => {
      const script = `
      import { deterministicZip } from "./src/bundle/deterministic-zip.ts";
      process.stdout.write(Buffer.from(await deterministicZip(new Map(${JSON.stringify(FILES)}))).toString("hex"));
    `;

      const hex = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
        encoding: "utf8",
        env: { ...process.env, TZ: zone },
      });

      expect(hex).toBe(Buffer.from(await deterministicZip(new Map(FILES))).toString("hex"));
    },
  );

  it("writes sorted entries of a fixed time that any user may read", async () => {
    const zip = Buffer.from(await deterministicZip(new Map(FILES.toReversed())));

    const entries = centralDirectory(zip);

    expect(entries.map(({ name }) => name)).toEqual(["Dockerfile", "a/b.js", "z.txt"]);
    expect(new Set(entries.map(({ time }) => time))).toEqual(new Set(["1980-01-01 12:00:00"]));
    expect(new Set(entries.map(({ mode }) => mode.toString(8)))).toEqual(new Set(["100644"]));
  });

  it("holds what it was given", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.uint8Array()), async (files) => {
        const unpacked = unzipSync(await deterministicZip(new Map(Object.entries(files))));

        expect(unpacked).toEqual({ ...files });
      }),
    );
  });
});

/** Name, time and mode of each entry, read from the zip's central directory. */
function centralDirectory(zip: Buffer): { name: string; time: string; mode: number }[] {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const entries = [];
  let offset = zip.readUInt32LE(end + 16);
  while (offset < end) {
    const [time, date] = [zip.readUInt16LE(offset + 12), zip.readUInt16LE(offset + 14)];
    const [nameLength, extra, comment] = [28, 30, 32].map((at) => zip.readUInt16LE(offset + at));
    const two = (value: number) => String(value).padStart(2, "0");
    const name = zip.toString("utf8", offset + 46, offset + 46 + (nameLength ?? 0));
    entries.push({
      name,
      time: `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)} ${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`,
      mode: zip.readUInt32LE(offset + 38) >>> 16,
    });
    offset += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return entries;
}
