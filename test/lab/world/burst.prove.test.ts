import { describe, expect, it } from "vitest";
import { burst } from "../../../lab/world/burst.ts";

describe.each([1_000, 10_000])("%i jobs at once against five launches a second", (count) => {
  it("all run, as fast as the limit allows, with few calls wasted", { timeout: 300_000 }, async () => {
    const figures = await burst({ jobs: count, perSecond: 5 });

    expect(figures.completed).toBe(count);
    expect(figures.left).toEqual([]);
    expect(figures.drainRatio).toBeLessThanOrEqual(1.05);
    expect(figures.throttledPerJob).toBeLessThanOrEqual(0.2);
    expect(figures.microvmsPerJob).toBe(1);
    console.log(
      `${count} jobs: drained in ${figures.drainRatio.toFixed(3)} of the limit's own time, ` +
        `${figures.throttledPerJob.toFixed(4)} throttled RunMicrovm calls and ` +
        `${figures.githubCallsPerJob.toFixed(3)} GitHub calls per job, installation tokens not counted`,
    );
  });
});
