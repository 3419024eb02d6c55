import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";

/**
 * Writes the runtime client to a folder as JavaScript and returns the file. Node could strip the types itself, at each
 * start of each execution environment, and would take twice as long to start.
 */
export async function writeRuntimeClient(folder: string): Promise<string> {
  const source = await readFile(new URL("runtime-client.ts", import.meta.url), "utf8");
  const { code } = await transform(source, { loader: "ts", target: "node24", format: "esm" });
  const file = join(folder, "runtime-client.mjs");
  await writeFile(file, code);
  return file;
}
