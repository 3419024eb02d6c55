import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { readProjectFile } from "../docs/markdown.ts";

const BIOME = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
const FILE = "dispatcher/core/signature.ts";
const COMPARISON = "mac.length === given.length && timingSafeEqual(mac, given)";

/** A folder with the project's linter settings. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "constant-time-"));
  for (const name of ["biome.jsonc", ".gitignore", ".ci/constant-time.grit", ".ci/patience.grit"]) {
    await cp(join(PROJECT_ROOT, name), join(folder, name), { recursive: true });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the linter says of that file with such a comparison in it. */
async function lint(comparison: string): Promise<string> {
  const text = readProjectFile(FILE);
  expect(text).toContain(COMPARISON);
  await mkdir(dirname(join(folder, FILE)), { recursive: true });
  await writeFile(join(folder, FILE), text.replace(COMPARISON, comparison));
  const run = promisify(execFile)(process.execPath, [BIOME, "lint", FILE], { cwd: folder });
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  expect(stdout + stderr).toContain("Checked 1 file");
  return stdout + stderr;
}

// How long a comparison takes is nothing that a test can observe: the linter refuses every other one.
describe("a MAC", () => {
  it("is compared in constant time", async () => {
    expect(await lint(COMPARISON)).not.toContain("timingSafeEqual alone");
  });

  it.each(["mac.equals(given)", 'mac.toString("hex") === givenHex', "mac.compare(given) === 0"])(
    "could not be compared in another way: %s",
    async (comparison) => {
      expect(await lint(comparison)).toContain("Compare a MAC with timingSafeEqual alone");
    },
  );
});
