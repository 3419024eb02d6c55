import { existsSync, globSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parse } from "@cdktf/hcl2json";
import { describe, expect, it } from "vitest";
import { LAUNCH_STATES } from "../../dispatcher/core/job.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { MODULE_DIR, parseModule } from "../module/parse-module.ts";
import { anchors, fencedBlocks, linkTargets, markdownFiles, readProjectFile, topLevelBlocks } from "./markdown.ts";

const documents = markdownFiles();
const module = await parseModule(MODULE_DIR);
const inputs = new Set(Object.keys(module.variables));
const outputs = new Set(Object.keys(module.outputs));

/** Arguments that Terraform itself gives a meaning in a module call. */
const META_ARGUMENTS = new Set(["source", "version", "providers", "count", "for_each", "depends_on"]);

describe.each(documents)("$path", ({ path, text }) => {
  it("links to files and headings that exist", () => {
    const broken = linkTargets(text)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !resolves(path, target));

    expect(broken).toEqual([]);
  });

  it("names tasks and scripts that exist", () => {
    const { tasks } = JSON.parse(readProjectFile(".projen/tasks.json")) as { tasks: Record<string, unknown> };
    const named = [...text.matchAll(/npx projen ([a-z][a-z:-]*)/g)].map(([, task = ""]) => task);
    const scripts = [...text.matchAll(/npx tsx (\S+\.ts)/g)].map(([, script = ""]) => script);

    expect(named.filter((task) => !(task in tasks))).toEqual([]);
    expect(scripts.filter((script) => !existsSync(join(PROJECT_ROOT, script)))).toEqual([]);
  });

  it("shows HCL that parses, with inputs and outputs that the module has", async () => {
    const unknown: string[] = [];
    for (const code of fencedBlocks(text, "hcl")) {
      const parsed: Record<string, unknown> & { module?: Record<string, object[]> } = await parse("doc.tf", code);
      // Arguments without a block around them belong into the module call.
      const calls = isFragment(code) ? [parsed] : Object.values(parsed.module ?? {}).flat();
      const given = calls.flatMap((body) => Object.keys(body));
      unknown.push(...given.filter((name) => !META_ARGUMENTS.has(name) && !inputs.has(name)));
      const read = [...code.matchAll(/module\.gha_runner\.([a-z_]+)/g)].map(([, name = ""]) => name);
      unknown.push(...read.filter((name) => !outputs.has(name)));
    }

    expect(unknown).toEqual([]);
  });
});

it("links from comments to notes that exist", () => {
  const exclude = (path: string) => /^(node_modules|cdktf\.out|module)(\/|$)/.test(path);
  const sources = globSync("{src,dispatcher,microvm,cli,test,bench}/**/*.{ts,hbs,tf}", { cwd: PROJECT_ROOT, exclude });
  const broken = sources.flatMap((path) =>
    [...readProjectFile(path).matchAll(/\b(docs\/[A-Z-]+\.md(?:#[a-z0-9-]+)?)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !resolves("README.md", target))
      .map((target) => `${path}: ${target}`),
  );

  expect(broken).toEqual([]);
});

describe("docs/USAGE.md", () => {
  it("says of every input when to change it", () => {
    const table = /^## Inputs\n([\s\S]*?)^## /m.exec(readProjectFile("docs/USAGE.md"))?.[1] ?? "";
    const rows = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = ""]) => cell);
    const documented = rows.flatMap((cell) => [...cell.matchAll(/`([a-z0-9_]+)`/g)].map(([, name = ""]) => name));

    expect(documented.toSorted()).toEqual([...inputs].toSorted());
  });
});

describe("docs/ARCHITECTURE.md", () => {
  const architecture = readProjectFile("docs/ARCHITECTURE.md");

  it("draws the states that a launch has", () => {
    const [diagram = ""] = fencedBlocks(architecture, "mermaid").filter((code) => code.startsWith("stateDiagram"));
    const drawn = [...diagram.matchAll(/^ *(\S+) --> (\w+|\[\*\])/gm)].flatMap(([, from, to]) => [from, to]);

    expect([...new Set(drawn)].filter((state) => state !== "[*]").toSorted()).toEqual([...LAUNCH_STATES].toSorted());
  });

  it.each([
    ["plan-launch.ts", "LaunchStep"],
    ["plan-watch.ts", "WatchAction"],
    ["plan-finish.ts", "FinishStep"],
  ])("explains the decisions of %s", (file, type) => {
    const table = new RegExp(`\\(\`${file}\`\\)[^\\n]*\\n((?:\\|[^\\n]*\\n)*)`).exec(architecture)?.[1] ?? "";
    const explained = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind);
    const source = readProjectFile(`dispatcher/core/${file}`);
    const union = new RegExp(`export type ${type} =([\\s\\S]*?)\\n\\n`).exec(source)?.[1] ?? "";

    expect(explained.toSorted()).toEqual(quoted(union.replaceAll(/(?:reason|cause)\??: [^;}]*/g, "")));
  });
});

function isFragment(code: string): boolean {
  return topLevelBlocks(code).length === 0;
}

function resolves(from: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(PROJECT_ROOT, path))) return false;
  return anchor === undefined || anchors(readProjectFile(path)).has(anchor);
}

function quoted(union: string): string[] {
  return [...union.matchAll(/"([a-z-]+)"/g)].map(([, name = ""]) => name).toSorted();
}
