/**
 * Stories of hours and days, each with what it promises beside what every world promises. They are played once: at
 * every call of them something else could fail, and `single-events.ts` does that to their short forms.
 */
import { ThrottledError } from "../../dispatcher/errors.ts";
import { watchJobs } from "./job-times.ts";
import { REFUSAL_STORIES } from "./refusal-stories.ts";
import { RETURN_STORIES } from "./return-stories.ts";
import { answered, queueAt } from "./single-events.ts";
import { atMost, DAY, HOUR, launchesOf, logged, MINUTE, SHOP, SITE, type Story, unless } from "./story.ts";

function held(name: string, seconds: number, hours: number): Story {
  return {
    name,
    hours,
    tell(world) {
      const times = watchJobs(world);
      queueAt(world, 0, 11);
      world.time.after(0.1, () => world.github.holdJob(11));
      world.time.after(seconds, () => world.github.releaseJob(11));
      return () => [
        ...atMost(world, 11, 2),
        ...unless(times.startedAfter(11, seconds) <= 5 * MINUTE, "it started later than 5 minutes after its approval"),
        ...unless(logged(world, "job.exhausted").length === 0, "it was given up"),
      ];
    },
  };
}

// Everybody waits in an incident; `jobs` of them, a second apart.
function incident(jobs: number, hours: number, limit = 0): Story {
  const seconds = hours * HOUR;
  return {
    name: `GitHub gives nothing out for ${hours} h to ${jobs} jobs${limit > 0 ? ` with ${limit} places` : ""}`,
    options: { maxConcurrency: limit, rate: { perSecond: 5, burst: 5 } },
    tell(world) {
      const times = watchJobs(world);
      const probes: number[] = [];
      world.time.after(0, () => world.github.setAssigning(false));
      for (let index = 0; index < jobs; index++) queueAt(world, index, 100 + index);
      world.time.after(seconds, () => world.github.setAssigning(true));
      world.microvms.onLaunch(() => probes.push(world.time.now().getTime()));
      return () => {
        const ids = Array.from({ length: jobs }, (_, index) => 100 + index);
        const before = (id: number) =>
          launchesOf(world, id).filter(({ startedAt }) => startedAt.getTime() < times.at(seconds)).length;
        const most = Math.max(...ids.map(before));
        const all = ids.reduce((sum, id) => sum + before(id), 0);
        const allowed = 6 * jobs + Math.ceil(seconds / (15 * MINUTE));
        const starts = ids.map((id) => times.startedAfter(id, seconds));
        const [first, last] = [Math.min(...starts), Math.max(...starts)];
        const waits = 5 * MINUTE + (limit === 0 ? 0 : (80 * jobs) / limit);
        return [
          ...unless(all <= allowed, `${all} MicroVMs were launched in the incident, ${allowed} may be`),
          ...unless(most <= 6 + Math.ceil(seconds / (15 * MINUTE)), `one job took ${most} MicroVMs in the incident`),
          // A probe, at most 15 minutes after the one before, finds out that it is over.
          ...unless(first <= 16 * MINUTE, `the first job started ${first} s after the incident`),
          ...unless(last - first <= waits, `the last job started ${last - first} s after the first`),
        ];
      };
    },
  };
}

function dying(count: number): Story {
  return {
    name: `a job of which ${count} MicroVMs in a row die`,
    options: {
      fateOfMicrovm: ({ input }) => ({
        ...{ bootSeconds: 20, jobSeconds: 60 },
        ...(Number(/-(\d+)$/.exec(input.clientToken)?.[1]) <= count ? { diesAfterSeconds: 10 } : {}),
      }),
    },
    tell(world) {
      queueAt(world, 0, 11);
      return () => [
        ...atMost(world, 11, count + 1),
        ...unless(logged(world, "job.exhausted").length === (count >= 4 ? 1 : 0), "job.exhausted was not logged once"),
      ];
    },
  };
}

function chain(jobs: number, seed: number): Story {
  return {
    name: `a chain of swaps among ${jobs} jobs, seed ${seed}`,
    options: {
      seed,
      rate: { perSecond: 5, burst: 5 },
      fateOfMicrovm: (_, random) => ({
        ...{ bootSeconds: 15 + random() * 30, jobSeconds: 30 + random() * 300 },
        ...(random() < 0.02 ? { diesAfterSeconds: 10 } : {}),
      }),
    },
    hours: 26,
    tell(world) {
      for (let index = 0; index < jobs; index++) queueAt(world, world.random() * 30 * MINUTE, 1_000 + index);
      return () => {
        const launched = world.microvms.all().length;
        return unless(launched <= 1.15 * jobs, `${launched} MicroVMs were launched for ${jobs} jobs`);
      };
    },
  };
}

/** Jobs, seeds of the chains of swaps; all of them are played by a test that takes its time. */
export const CHAINS: readonly Story[] = [60, 100, 300].flatMap((jobs) =>
  Array.from({ length: 20 }, (_, seed) => chain(jobs, seed + 1)),
);

export const STORIES: readonly Story[] = [
  ...RETURN_STORIES,
  ...REFUSAL_STORIES,
  held("an approval of 10 hours", 10 * HOUR, 30),
  held("an approval of 4 days, longer than the record is kept", 4 * DAY, 6 * 24),
  held("an approval of 29 days", 29 * DAY, 31 * 24),
  {
    name: "an approval that nobody gives",
    hours: 32 * 24,
    tell(world) {
      queueAt(world, 0, 11);
      world.time.after(0.1, () => world.github.holdJob(11));
      return () => atMost(world, 11, 1);
    },
  },
  {
    name: "a record that is gone by its time to live while its job waits, and a client token used before",
    hours: 8 * 24,
    tell(world) {
      const times = watchJobs(world);
      queueAt(world, 0, 11);
      // Long enough that its first MicroVM is launched and ended.
      world.time.after(5, () => world.github.holdJob(11));
      world.time.after(5 * DAY, () => world.github.releaseJob(11));
      return () => [
        ...atMost(world, 11, 2),
        ...unless(times.startedAfter(11, 5 * DAY) <= 5 * MINUTE, "it started later than 5 minutes after its approval"),
      ];
    },
  },
  incident(1, 3),
  incident(20, 3),
  incident(200, 3),
  incident(20, 3, 5),
  {
    name: "a job that gets nothing while others are served",
    options: { repositories: [SHOP, SITE] },
    hours: 30,
    tell(world) {
      world.github.withhold(11);
      queueAt(world, 0, 11);
      for (let index = 0; index < 60; index++) queueAt(world, index * 10 * MINUTE, 100 + index, SITE);
      world.time.after(10 * HOUR, () => world.github.giveAgain(11));
      // Its own pace, 1, 5, 15, 30, and then every 60 minutes, and as many again out of turn.
      return () => atMost(world, 11, 2 * (6 + 10));
    },
  },
  dying(3),
  dying(6),
  {
    name: "successors that die while the runner of the first has another job",
    options: {
      fateOfMicrovm: ({ input: { clientToken } }) => ({
        ...{ bootSeconds: clientToken === "gha-11-1" ? 15 : 90, jobSeconds: 2_400, mute: clientToken === "gha-11-1" },
        ...(clientToken.startsWith("gha-11-") && clientToken !== "gha-11-1" && Number(clientToken.slice(7)) < 12
          ? { diesAfterSeconds: 10 }
          : {}),
      }),
      fateOfDelivery: ({ action }) => (action === "queued" ? { kind: "arrives", afterSeconds: 1 } : { kind: "lost" }),
      redelivers: ({ action }) => action === "queued",
    },
    tell(world) {
      queueAt(world, 5, 11);
      queueAt(world, 0, 12);
      return () => [];
    },
  },
  {
    name: "a quota that is used up for 3 hours, whose finish calls are taken all the same",
    // GitHub's own word that a job is over is lost: the MicroVM would be ended by it before it can call.
    options: {
      rate: { perSecond: 5, burst: 5 },
      fateOfDelivery: ({ action }) =>
        action === "completed" ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 },
      redelivers: ({ action }) => action !== "completed",
    },
    base: answered(/^microvms\.run/, () => new ThrottledError("no room", { reason: "quota" }), {
      from: 0,
      until: 3 * HOUR,
    }),
    excused: true,
    tell(world) {
      for (let index = 0; index < 4; index++) queueAt(world, index, 100 + index);
      return () => [
        ...unless(logged(world, "finish.rejected").length === 0, "a finish call was refused"),
        ...unless(world.finished.size === 4, `${world.finished.size} finish calls were taken`),
      ];
    },
  },
];
