import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Action,
  advance,
  type Life,
  type LifeEvent,
  newLife,
  type TimerName,
} from "../../../../microvm/supervisor/core/runner-life.ts";

const bounds = { jobWaitMs: 40_000, afterJobMs: 5_000, stopGraceMs: 3_000, restartMs: 1_000 };
const run: LifeEvent = { type: "run", maxDurationMs: 3_600_000 };
const line = (text: string): LifeEvent => ({ type: "line", line: `2026-01-31 08:15:00Z: ${text}` });
const timer = (name: TimerName): LifeEvent => ({ type: "timer", name });
const exited = (code: number | null, signal: string | null = null): LifeEvent => ({ type: "exited", code, signal });

function live(...events: LifeEvent[]): { life: Life; actions: Action[] } {
  let life = newLife;
  let actions: Action[] = [];
  for (const event of events) ({ life, actions } = advance(life, event, bounds));
  return { life, actions };
}

const kinds = (actions: Action[]) => actions.map((action) => (action.do === "signal" ? action.signal : action.do));

describe("advance", () => {
  it("starts one runner and counts its wait in slices", () => {
    expect(live(run).actions).toContainEqual({ do: "timer", name: "wait", ms: 15_000 });
    expect(live(run, timer("wait")).actions).toEqual([{ do: "timer", name: "wait", ms: 15_000 }]);
    expect(live(run, timer("wait"), timer("wait")).actions).toEqual([{ do: "timer", name: "wait", ms: 10_000 }]);
    expect(kinds(live(run, timer("wait"), timer("wait"), timer("wait")).actions)).toContain("SIGINT");
    expect(live(run, run).actions).toEqual([]);
  });

  it("leaves a runner alone that has its job", () => {
    expect(live(run, line("Running job: build"), timer("wait")).actions).toEqual([]);
  });

  it("ends a runner that stays after its job", () => {
    const before = [run, line("Running job: a"), line("Job a completed with result: Succeeded")];

    expect(live(...before).actions).toContainEqual({ do: "timer", name: "leave", ms: 5_000 });
    expect(kinds(live(...before, timer("leave")).actions)).toEqual(["log", "explain", "SIGINT", "timer"]);
    expect(kinds(live(...before, timer("leave"), timer("grace")).actions)).toEqual(["log", "SIGKILL"]);
    expect(live(...before, exited(0), timer("leave")).actions).toEqual([]);
  });

  it("starts it again on the codes that ask for it, until it has had a job", () => {
    for (const code of [2, 3, 4]) {
      expect(live(run, exited(code)).actions).toContainEqual({ do: "timer", name: "restart", ms: 1_000 });
      expect(kinds(live(run, exited(code), timer("restart")).actions)).toEqual(["start"]);
      expect(kinds(live(run, line("Running job: a"), exited(code)).actions)).toEqual(["log", "finish"]);
    }
    for (const code of [0, 1, 5, 134]) expect(kinds(live(run, exited(code)).actions)).toEqual(["log", "finish"]);
  });

  it("gives up restarting after ten times", () => {
    const again = Array.from({ length: 10 }, () => [exited(2), timer("restart")]).flat();

    expect(kinds(live(run, ...again, exited(2)).actions)).toEqual(["log", "finish"]);
  });

  it("ends at once when it is stopped between two starts", () => {
    expect(kinds(live(run, exited(2), { type: "stop", reason: "SIGTERM" }).actions)).toEqual(["log", "finish"]);
  });

  it("warns before the maximum duration and ends the runner before the service does", () => {
    const timers = live(run).actions.filter((action) => action.do === "timer");

    expect(timers).toContainEqual({ do: "timer", name: "near-limit", ms: 3_000_000 });
    expect(timers).toContainEqual({ do: "timer", name: "limit", ms: 3_567_000 });
    expect(live(run, timer("near-limit")).actions).toMatchObject([{ do: "log", event: "duration.near-limit" }]);
    expect(kinds(live(run, line("Running job: a"), timer("limit")).actions)).toContain("SIGINT");
    expect(live({ type: "run", maxDurationMs: 60_000 }).actions).toContainEqual({
      do: "timer",
      name: "limit",
      ms: 48_000,
    });
  });

  const deprecated: LifeEvent = {
    type: "line",
    line: "An error occurred: Runner version v2.337.0 is deprecated and cannot receive messages.",
  };

  it("knows a refused runner by its code, or by the line that GitHub's word comes in", () => {
    const version: LifeEvent = { type: "line", line: "Current runner version: '2.337.0'" };
    const refused = { do: "finish", refused: { runner: "2.337.0" } };

    expect(live(run, version, exited(7)).actions).toMatchObject([{ level: "error", event: "runner.too-old" }, refused]);
    expect(live(run, line("Listening for Jobs"), deprecated, exited(1)).actions).toContainEqual(refused);
    expect(live(run, exited(7)).actions).toContainEqual({ do: "finish", refused: { runner: undefined } });
  });

  it.each<[string, LifeEvent[]]>([
    ["that ends with 1 and has not said so", [run, exited(1)]],
    ["that said so and ends with 0", [run, deprecated, exited(0)]],
    ["that has had a job", [run, line("Running job: a"), deprecated, exited(7)]],
    ["whose job has written the line", [run, line("Running job: a"), deprecated, exited(1)]],
    ["that is being ended", [run, { type: "stop", reason: "SIGTERM" }, deprecated, exited(7)]],
  ])("takes no runner for refused %s", (_, events) => {
    expect(live(...events).actions).toContainEqual({ do: "finish" });
  });

  const noConnection = line("Runner connect error: Resource temporarily unavailable. Retrying until reconnected.");

  it("starts a runner that cannot connect again at once, twice at most", () => {
    const again = [noConnection, exited(0)];

    expect(kinds(live(run, noConnection).actions)).toEqual(["log", "SIGINT"]);
    expect(kinds(live(run, noConnection, noConnection).actions)).toEqual([]);
    expect(kinds(live(run, ...again).actions)).toEqual(["start"]);
    expect(kinds(live(run, ...again, ...again).actions)).toEqual(["start"]);
    expect(live(run, ...again, ...again, noConnection).actions).toEqual([]);
    expect(kinds(live(run, ...again, exited(0)).actions)).toEqual(["log", "finish"]);
  });

  it("leaves a runner alone that loses its connection after it was listening", () => {
    expect(live(run, line("Listening for Jobs"), noConnection).actions).toEqual([]);
    expect(live(run, line("Running job: a"), noConnection).actions).toEqual([]);
  });

  it("starts it no more when it is told to end meanwhile, or ends otherwise than asked", () => {
    expect(kinds(live(run, noConnection, { type: "stop", reason: "SIGTERM" }, exited(0)).actions)).toEqual([
      "log",
      "finish",
    ]);
    expect(kinds(live(run, noConnection, exited(1)).actions)).toEqual(["log", "finish"]);
  });

  it("starts at most one process at a time and finishes exactly once, whatever happens", () => {
    const event = fc.oneof(
      fc.constant<LifeEvent>(run),
      fc
        .constantFrom(
          "Listening for Jobs",
          "Running job: a",
          "Job a completed with result: Failed",
          "Runner connect error: x",
          "x",
        )
        .map(line),
      fc.constant(deprecated),
      fc
        .record({ code: fc.option(fc.integer({ min: 0, max: 7 })), signal: fc.constant(null) })
        .map((end): LifeEvent => ({ type: "exited", ...end })),
      fc.constant<LifeEvent>({ type: "unstartable", problem: "ENOENT" }),
      fc.constant<LifeEvent>({ type: "stop", reason: "SIGTERM" }),
      fc.constantFrom<TimerName>("wait", "leave", "grace", "restart", "near-limit", "limit").map(timer),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let life = newLife;
        let [running, finishes, starts] = [0, 0, 0];
        for (const next of events) {
          // Only a process that runs has lines and an end.
          const ofProcess = next.type === "line" || next.type === "exited" || next.type === "unstartable";
          if (ofProcess && running === 0) continue;
          if (next.type === "exited" || next.type === "unstartable") running -= 1;
          const result = advance(life, next, bounds);
          life = result.life;
          for (const action of result.actions) {
            if (action.do === "start") [running, starts] = [running + 1, starts + 1];
            if (action.do === "finish") finishes += 1;
            if (action.do === "signal") expect(running).toBe(1);
          }
          expect(running).toBeLessThanOrEqual(1);
        }
        expect(finishes).toBe(life.phase === "over" ? 1 : 0);
        if (life.phase === "over") expect(running).toBe(0);
        expect(starts).toBeLessThanOrEqual(13);
      }),
    );
  });
});
