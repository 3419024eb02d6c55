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

  it("starts at most one process at a time and finishes exactly once, whatever happens", () => {
    const event = fc.oneof(
      fc.constant<LifeEvent>(run),
      fc.constantFrom("Listening for Jobs", "Running job: a", "Job a completed with result: Failed", "x").map(line),
      fc
        .record({ code: fc.option(fc.integer({ min: 0, max: 6 })), signal: fc.constant(null) })
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
        expect(starts).toBeLessThanOrEqual(11);
      }),
    );
  });
});
