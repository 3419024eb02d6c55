import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EVENTS, JOB_EXHAUSTED, logEvent } from "../../contract/events.ts";
import { createLogger } from "../../contract/log.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";

describe("the events that something reads", () => {
  it("are written with their name, level and fields, and with what the logger adds", () => {
    const lines: string[] = [];
    const log = createLogger((line) => lines.push(line)).with({ jobId: "11" });

    logEvent(log, JOB_EXHAUSTED, { launches: 10 }, { reason: "exhausted", launches: 3 });

    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: "error", event: "job.exhausted", jobId: "11", reason: "exhausted", launches: 10 },
    ]);
  });

  it("are each listed once", () => {
    const names = EVENTS.map(({ name }) => name);

    expect(names).toEqual([...new Set(names)]);
  });

  it("are named nowhere but in the contract", () => {
    const files = globSync("{dispatcher,src,cli,microvm}/**/*.ts", { cwd: PROJECT_ROOT });
    const restated = files.flatMap((path) => {
      const text = readFileSync(join(PROJECT_ROOT, path), "utf8");
      return EVENTS.filter(({ name }) => text.includes(`"${name}"`)).map(({ name }) => `${path}: ${name}`);
    });

    expect(files.length).toBeGreaterThan(100);
    expect(restated).toEqual([]);
  });
});
