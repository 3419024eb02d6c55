import { describe, expect, it } from "vitest";
import { DETOURS, detourSentences } from "../../../lab/simulate/detours.ts";
import { progressLine, showProgress } from "../../../lab/simulate/progress.ts";
import { readOptions } from "../../../lab/simulate/read-options.ts";

describe("the command line of the simulation", () => {
  it("is read, whatever projen hands on", () => {
    const plain = { jobs: 1, faults: false, svg: undefined, outage: undefined, day: false };
    expect(readOptions([])).toEqual(plain);
    expect(readOptions(["--", "--jobs", "20", "--faults"])).toEqual({ ...plain, jobs: 20, faults: true });
    expect(readOptions(["--help"])).toBe("help");
  });

  it.each([
    [["--jbos", "3"], /^Unknown option '--jbos'; write/],
    [["foo"], /^Unexpected argument 'foo'/],
    [["--jobs"], /argument missing/],
    [["--jobs", "0"], /^--jobs must be a whole number from 1 to 999, not 0$/],
    [["--jobs", "2000"], /not 2000$/],
  ])("is refused in one line: %s", (args, line) => {
    expect(() => readOptions(args)).toThrow(line);
    expect(() => readOptions(args)).toThrow(/^[^\n]+$/);
  });
});

describe("the progress", () => {
  const jobs = (["completed", "completed", "in_progress", "queued"] as const).map((status) => ({ status }));

  it("is a line", () => {
    expect(progressLine(jobs)).toBe("2/4 done, 1 running, 1 queued");
  });

  it("leaves nothing on a terminal when it ends", () => {
    const written: string[] = [];
    showProgress(() => jobs, { isTTY: true, write: (text) => written.push(text) })();
    expect(written).toEqual(["\r\u001b[K"]);
  });
});

describe("the detours", () => {
  it("have a sentence each", () => {
    expect(detourSentences(DETOURS).split("\n")).toHaveLength(DETOURS.length + 1);
    for (const { says } of DETOURS) expect(says).toMatch(/^[a-zA-Z].*\.$/);
  });
});
