import { readFileSync } from "node:fs";
import * as v from "valibot";

const Hashes = v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))), v.minLength(1));
const Need = v.picklist(["required", "where found"]);

/** Packages of Python's registry that share an environment: what was asked for, and all that came with it. */
const PythonGroup = v.object({
  need: Need,
  asked: v.pipe(v.array(v.string()), v.minLength(1)),
  packages: v.record(v.string(), v.object({ version: v.string(), sha256: Hashes })),
});
/** A program of Go's registry; `sum` is that of go.sum, and the program's own go.sum pins the rest. */
const GoProgram = v.object({
  need: Need,
  module: v.string(),
  version: v.string(),
  sum: v.pipe(v.string(), v.startsWith("h1:")),
});
/**
 * A program that no registry has: taken from PATH, and from the release it was tried with on. `ask` is the argument
 * that it prints its version for, in place of `version`.
 */
const PathProgram = v.object({ need: Need, version: v.string(), from: v.string(), ask: v.optional(v.string()) });

const ToolsFile = v.object({
  python: v.record(v.string(), PythonGroup),
  go: v.record(v.string(), GoProgram),
  path: v.record(v.string(), PathProgram),
});

export type Need = v.InferOutput<typeof Need>;
export type PythonGroup = v.InferOutput<typeof PythonGroup>;
export type GoProgram = v.InferOutput<typeof GoProgram>;
export type PathProgram = v.InferOutput<typeof PathProgram>;
export type ToolsFile = v.InferOutput<typeof ToolsFile>;

export const TOOLS_FILE = new URL("../tools.json", import.meta.url);

/** The tools by others, each pinned. */
export function readTools(text: string = readFileSync(TOOLS_FILE, "utf8")): ToolsFile {
  return v.parse(ToolsFile, JSON.parse(text));
}

/** The file's text: one line for each package, or it would have thousands. */
export function printTools(tools: ToolsFile): string {
  const python = Object.entries(tools.python).map(([name, { need, asked, packages }]) => {
    const lines = Object.entries(packages)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([each, pin]) => `        ${JSON.stringify(each)}: ${JSON.stringify(pin)}`);
    const head = `"need": ${JSON.stringify(need)},\n      "asked": ${JSON.stringify(asked)}`;
    return `    ${JSON.stringify(name)}: {\n      ${head},\n      "packages": {\n${lines.join(",\n")}\n      }\n    }`;
  });
  const plain = (programs: object) =>
    Object.entries(programs).map(([name, pin]) => `    ${JSON.stringify(name)}: ${JSON.stringify(pin)}`);
  const section = (name: string, lines: string[]) => `  "${name}": {\n${lines.join(",\n")}\n  }`;
  return `{\n${[section("python", python), section("go", plain(tools.go)), section("path", plain(tools.path))].join(",\n")}\n}\n`;
}
