import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readArguments, UsageError } from "../../../src/release/read-arguments.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-arguments-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("what is asked of a release", () => {
  it("is nothing, a version, a folder for a dry run, or both", () => {
    expect(readArguments([])).toEqual({});
    expect(readArguments(["--version", "2.0.0"])).toEqual({ version: "2.0.0" });
    expect(readArguments(["--", "--dry-run", folder])).toEqual({ dryRun: folder });
    const none = join(folder, "none");
    expect(readArguments([`--dry-run=${none}`, "--version=2.0.0"])).toEqual({ dryRun: none, version: "2.0.0" });
  });

  it("is refused in one line with its use", async () => {
    await writeFile(join(folder, "file"), "");
    for (const args of [["--dry-run", folder], ["--dry-run="], ["--nonsense"], ["word"], ["--version"]]) {
      const read = () => readArguments(args);
      expect(read).toThrow(UsageError);
      expect(read).toThrow(/^[^\n]+; use: npx projen release-tree -- --dry-run DIR \[--version X\.Y\.Z\]$/);
    }
    expect(() => readArguments(["--dry-run", folder])).toThrow(`is empty, not "${folder}"`);
  });
});
