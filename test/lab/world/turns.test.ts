import { describe, expect, it } from "vitest";
import type { RefreshState } from "../../../dispatcher/core/refresh-state.ts";
import { type PlayedTurns, playTurns, type TurnsOptions } from "../../../lab/world/play-turns.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Longer than the seven days within which nothing waits. */
const GRACE_DAYS = 40;
const SEEDS = [1, 2, 3];

async function play(options: Partial<TurnsOptions>): Promise<PlayedTurns> {
  const played = await playTurns({ seed: 1, graceDays: GRACE_DAYS, ...options });
  expect(played.succeeded).toBe(played.jobs);
  expect(played.violations).toEqual([]);
  return played;
}

/** From when a build began until the next did. */
const gaps = ({ turns }: PlayedTurns) =>
  turns.slice(1).map(({ startedMs }, index) => startedMs - at(turns, index).startedMs);

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no number ${index}`);
  return found;
}

const withoutTurn = ({ turn: _, ...state }: RefreshState): RefreshState => state;

describe("an image for each class, of which one never gets a job", () => {
  it("has the next built when the one before has served a job, or after a day", async () => {
    const waited: string[] = [];
    for (const seed of SEEDS) {
      const { turns, runners } = await play({ seed });
      expect(runners).toEqual({ default: "2.338.0", large: "2.338.0", spare: "2.338.0" });
      for (const [index, next] of turns.slice(1).entries()) {
        const before = at(turns, index);
        const isServed = before.servedMs !== undefined && before.servedMs <= next.startedMs;
        const waitedMs = next.startedMs - before.startedMs;
        expect(isServed || waitedMs >= DAY, `seed ${seed}, ${before.of} before ${next.of}`).toBe(true);
        // The function looks every five minutes; a job is noted when it is over, or when its launch is looked at.
        expect(waitedMs).toBeLessThanOrEqual(DAY + 10 * MINUTE);
        if (before.of === "spare") waited.push(`seed ${seed}: ${waitedMs >= DAY}`);
      }
    }
    expect(waited.length).toBeGreaterThan(0);
    expect(waited.filter((each) => each.endsWith("false"))).toEqual([]);
  });

  it("has all built at once where fewer than seven days are left", async () => {
    const played = await play({ graceDays: 6 });
    expect(Math.max(...gaps(played))).toBeLessThan(10 * MINUTE);
  });

  it("has the next built a day after one whose builds fail", async () => {
    const { turns, runners } = await play({ seed: 3, failing: ["large"] });
    expect(runners).toEqual({ default: "2.338.0", large: "2.337.0", spare: "2.338.0" });
    const index = turns.findIndex(({ of }) => of === "large");
    const next = turns[index + 1];
    if (next !== undefined) expect(next.startedMs - at(turns, index).startedMs).toBeGreaterThanOrEqual(DAY);
  });

  it("has all built in one run when nothing tells whose turn it is", async () => {
    const played = await play({
      alter: (deps) => ({
        ...deps,
        of(image) {
          const own = deps.of(image);
          return { ...own, state: { ...own.state, read: async () => withoutTurn(await own.state.read()) } };
        },
      }),
    });
    expect(Math.max(...gaps(played))).toBeLessThan(10 * MINUTE);
  });
});
