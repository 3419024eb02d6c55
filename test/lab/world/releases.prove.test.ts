import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../dispatcher/core/refresh-knowledge.ts";
import { type PlayOptions, playReleases } from "../../../lab/world/play-releases.ts";
import { CALENDAR, playedReleases } from "../../../lab/world/releases.ts";

const DAY_MS = 24 * 3_600_000;
const calendar = playedReleases(3);
const play = (options: Partial<PlayOptions> = {}) =>
  playReleases({ seed: 7, calendar, strict: true, jobEveryMinutes: 60, ...options });

/** Ten days without github.com, beginning the day a release comes out in the middle of each round. */
const outages = [5, 18, 31].map((index) => ({ fromMs: (calendar[index]?.publishedMs ?? 0) + DAY_MS / 2, days: 10 }));

describe.each([true, false])(
  "13 releases, three times over, with launches refused while the image is built: %s",
  (strict) => {
    it("never have a day with a refused runner, and every job runs", async () => {
      const played = await play({ strict });
      expect(played).toMatchObject({ refusedTicks: 0, lostJobs: 0, errors: {} });
      expect(played.daysLeftAtWorst).toBeGreaterThanOrEqual(26);
      expect(played.buildsAYear).toBeLessThan(13);
      console.info("calm", strict, JSON.stringify(played));
    });

    it("do so with a third of the builds failing and github.com away for ten days, three times", async () => {
      for (const seed of [1, 2, 3]) {
        const played = await play({ strict, seed, failing: 0.3, outages });
        expect(played).toMatchObject({ refusedTicks: 0, lostJobs: 0 });
        expect(played.daysLeftAtWorst).toBeGreaterThanOrEqual(BOUNDS.urgentDays);
        console.info("rough", strict, seed, JSON.stringify(played));
      }
    });

    it("do so where GitHub keeps to its 30 days", async () => {
      const letter = playedReleases(3, { graceDays: 30 });
      const played = await play({ strict, calendar: letter, failing: 0.3, outages });
      expect(played).toMatchObject({ refusedTicks: 0, lostJobs: 0 });
    });

    it("do so with somebody applying old modules every ten days", async () => {
      const played = await play({ strict, appliesEveryDays: 10 });
      expect(played).toMatchObject({ refusedTicks: 0, lostJobs: 0 });
      console.info("applies", strict, JSON.stringify(played));
    });
  },
);

describe("the calendar", () => {
  it("has thirteen releases in order, and says which of their days are known", () => {
    expect(CALENDAR).toHaveLength(13);
    expect(CALENDAR.map(({ published }) => published)).toEqual(CALENDAR.map(({ published }) => published).toSorted());
    expect(CALENDAR.filter(({ date }) => date === "known").map(({ version }) => version)).toEqual([
      "2.333.0",
      "2.335.0",
      "2.338.0",
    ]);
    expect(calendar.every(({ version }) => /^2\.\d{3}\.\d$/.test(version))).toBe(true);
  });

  it("ends a deployment that only watches", async () => {
    const played = await play({ environment: { MODE: "watch" } });
    expect(played.refusedTicks).toBeGreaterThan(0);
    expect(played.lostJobs).toBeGreaterThan(0);
  });
});
