import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

const MAX_LINES = 100;

function longFunctions(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const from = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const lines = source.getLineAndCharacterOfPosition(node.end).line - from + 1;
      if (lines > MAX_LINES) found.push(`${name}:${from + 1} has ${lines} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

it(`no function of product or lab has more than ${MAX_LINES} lines`, () => {
  const files = globSync("{contract,dispatcher,microvm,src,cli,lab,conformance,smoke}/**/*.ts", {
    cwd: PROJECT_ROOT,
  }).filter((file) => !file.startsWith("src/bindings"));
  const long = files.flatMap((file) => longFunctions(file, readFileSync(join(PROJECT_ROOT, file), "utf8")));
  expect(files.length).toBeGreaterThan(300);
  expect(long).toEqual([]);
});

it("a longer function is found", () => {
  const text = `const f = () => {\n${"f();\n".repeat(MAX_LINES)}};`;
  expect(longFunctions("long.ts", text)).toEqual([`long.ts:1 has ${MAX_LINES + 2} lines`]);
});
