import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";

const script = new Script(readFileSync(new URL("../../src/check-node.cjs", import.meta.url), "utf8"));

/** What the check says and how it ends under a version of Node. */
function check(version: string): { said: string[]; exitCode: number | undefined } {
  const said: string[] = [];
  const process: { versions: { node: string }; exitCode?: number } = { versions: { node: version } };
  script.runInNewContext({ process, console: { error: (text: string) => said.push(text) } });
  return { said, exitCode: process.exitCode };
}

describe("the check before each task", () => {
  it("ends with one sentence where the package that brings Node was not allowed its install script", () => {
    const { said, exitCode } = check("20.20.2");

    expect(exitCode).toBe(2);
    expect(said).toEqual([
      expect.stringMatching(
        /^This task runs on Node\.js 24, .*found 20\.20\.2: run npm ci without --ignore-scripts\.$/,
      ),
    ]);
  });

  it("says nothing under the Node that tasks run on, and under later ones", () => {
    expect(check("24.21.0")).toEqual({ said: [], exitCode: undefined });
    expect(check("26.0.0").said).toEqual([]);
  });
});

it("stands before every task that runs TypeScript", () => {
  const { tasks } = JSON.parse(readFileSync(new URL("../../.projen/tasks.json", import.meta.url), "utf8")) as {
    tasks: Record<string, { steps?: { exec?: string }[] }>;
  };
  const unchecked = Object.entries(tasks).filter(
    ([name, { steps = [] }]) =>
      name !== "default" &&
      steps.some(({ exec }) => exec !== undefined && /^(tsx|vitest|tsc)\b/.test(exec)) &&
      steps[0]?.exec !== "node src/check-node.cjs",
  );

  expect(unchecked.map(([name]) => name)).toEqual([]);
});

it("leaves no licence of the AGPL unnamed", () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const { packages } = JSON.parse(read("package-lock.json")) as {
    packages: Record<string, { license?: string; dev?: boolean }>;
  };
  const found = Object.entries(packages).filter(([, { license }]) => license?.startsWith("AGPL"));
  const text = read("CONTRIBUTING.md");

  expect(found.map(([, { dev }]) => dev)).toEqual([true, true, true]);
  for (const [path] of found) expect(text).toContain(`\`${path.replace("node_modules/", "")}\``);
});
