import { describe, expect, it } from "vitest";
import { type PlayedYear, playYear, type YearOptions } from "../../../lab/world/play-year.ts";
import { playedReleases } from "../../../lab/world/releases.ts";

const calendar = playedReleases(1);
const JOBS_A_DAY = 3;

async function play(what: string, options: Partial<YearOptions>): Promise<PlayedYear> {
  const played = await playYear({ seed: 11, calendar, strict: true, jobsADay: JOBS_A_DAY, ...options });
  process.stdout.write(`${what}: ${JSON.stringify(played)}\n`);
  expect(played).toMatchObject({ jobs: 365 * JOBS_A_DAY, succeeded: 365 * JOBS_A_DAY, violations: [] });
  return played;
}

describe.each([true, false])("a year with launches refused while the image is built: %s", (strict) => {
  it("runs every job and wastes no MicroVM", async () => {
    const { wasted, longestWait, builds } = await play(`calm, ${strict}`, { strict });
    expect(wasted).toBe(0);
    expect(builds).toBeGreaterThanOrEqual(8);
    // A build takes three minutes here; a launch that was refused for it comes back.
    expect(longestWait).toBeLessThanOrEqual(strict ? 15 : 2);
  });

  it("runs every job with a third of the builds failing and ten days without github.com", async () => {
    const { wasted, longestWait } = await play(`rough, ${strict}`, {
      ...{ strict, seed: 12, failing: 0.3, outages: [{ day: 80, days: 10 }] },
    });
    expect(wasted).toBe(0);
    // After a second failure in a row the next build waits an hour; GitHub keeps a job queued for 24.
    expect(longestWait).toBeLessThanOrEqual(strict ? 120 : 2);
  });
});

it("runs every job of a year in which a release is refused though GitHub calls it current", async () => {
  const withdrawn = calendar[6]?.version ?? "";
  const { wasted, longestWait } = await play("withdrawn", { withdrawn });
  expect(wasted).toBeGreaterThan(0);
  expect(wasted).toBeLessThanOrEqual(3);
  expect(longestWait).toBeLessThan(60);
});
