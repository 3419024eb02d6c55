/** Stories of jobs that nobody has for a while: held back and queued anew, unknown to GitHub, or behind a crowd. */
import { watchJobs } from "./job-times.ts";
import { queueAt } from "./single-events.ts";
import { atMost, HOUR, MINUTE, SHOP, SITE, type Story, unless } from "./story.ts";
import type { World } from "./world.ts";

const RELEASED = 4 * HOUR;

// The first MicroVM dies before its runner is online.
function firstDies({ microvms, time }: World): void {
  let launched = 0;
  microvms.onLaunch(({ microvmId }) => {
    if (++launched === 1) time.after(10, () => microvms.die(microvmId));
  });
}

export const RETURN_STORIES: readonly Story[] = [
  {
    name: "a job whose MicroVMs die for 4 hours, that is held back and queued anew, and of which one more dies",
    tell(world) {
      const times = watchJobs(world);
      const { microvms, time } = world;
      let fresh = 0;
      microvms.onLaunch(({ microvmId }) => {
        if (times.at(RELEASED) <= time.now().getTime() && ++fresh > 1) return;
        time.after(10, () => microvms.die(microvmId));
      });
      queueAt(world, 0, 11);
      time.after(RELEASED - 5 * MINUTE, () => world.github.holdJob(11));
      time.after(RELEASED, () => world.github.releaseJob(11));
      return () => {
        const seconds = times.startedAfter(11, RELEASED);
        // The look that finds out the death comes a minute and a half after its launch, and the next one boots.
        return [
          // Four at once, then after 1, 5, 15, 30, and twice 60 minutes; one that dies after that, and one that runs.
          ...atMost(world, 11, 4 + 6 + 2),
          ...unless(seconds <= 5 * MINUTE, `it started ${seconds} s after it was queued anew`),
        ];
      };
    },
  },
  {
    name: "a job that GitHub does not know for some minutes after its MicroVM died",
    base: (call, now) =>
      call.name === "github.getJob" && now.getTime() < Date.parse("2026-01-01T00:06:00Z") ? "not-found" : undefined,
    tell(world) {
      const times = watchJobs(world);
      firstDies(world);
      queueAt(world, 0, 11);
      return () => [
        ...atMost(world, 11, 2),
        ...unless(
          times.startedAfter(11, 6 * MINUTE) <= 5 * MINUTE,
          "it started later than 5 minutes after GitHub knew it",
        ),
      ];
    },
  },
  {
    name: "three jobs behind a crowd of another repository, with 2 places",
    options: { repositories: [SHOP, SITE], maxConcurrency: 2, workers: 5 },
    tell(world) {
      const times = watchJobs(world);
      for (let index = 0; index < 60; index++) queueAt(world, 0, 200 + index);
      for (const id of [11, 12, 13]) queueAt(world, 10 * MINUTE, id, SITE);
      return () => {
        const seconds = Math.max(...[11, 12, 13].map((id) => times.startedAfter(id, 10 * MINUTE)));
        // A place is held for a minute and a half, and one of the two is theirs in turn.
        return unless(seconds <= 9 * MINUTE, `the last started ${seconds} s after they were queued`);
      };
    },
  },
];
