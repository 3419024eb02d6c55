/** Stories of what is refused for hours, to one repository or to all, and of who is served beside it. */
import { NotInstalledError, RefusedError, ThrottledError } from "../../dispatcher/errors.ts";
import { watchJobs } from "./job-times.ts";
import type { Scenario } from "./scenarios.ts";
import { answered, queueAt } from "./single-events.ts";
import { atMost, DAY, HOUR, MINUTE, SHOP, SITE, type Story, unless } from "./story.ts";

// A repository in which the App is not installed, or that refuses its runners, beside one that is served.
function foreign(limit: number, jobs: number, error: () => Error): Story {
  return {
    name: `${jobs} jobs of a repository that is refused (${error().name}) beside one job, with ${limit} places`,
    options: { repositories: [SHOP, SITE], maxConcurrency: limit },
    base: answered(/^github\./, error, { from: 0, until: 90 * DAY, repository: SITE }),
    excused: true,
    unservable: true,
    hours: 72,
    tell(world) {
      const times = watchJobs(world);
      for (let index = 0; index < jobs; index++) queueAt(world, index, 200 + index, SITE);
      queueAt(world, 30, 11);
      return () => [
        ...unless(
          times.startedAfter(11, 30) <= 2 * MINUTE,
          `the other job started after ${times.startedAfter(11, 30)} s`,
        ),
      ];
    },
  };
}

const notInstalled = () =>
  new NotInstalledError("the installation does not reach acme/site", { details: { status: 422 } });
const notPermitted = () => new RefusedError("Resource not accessible by integration", { details: { status: 403 } });

// Something is refused for so long, and then is not: the job runs soon after.
function healing(name: string, base: Scenario["base"], hours: number, withinMinutes = 10): Story {
  return {
    name,
    ...(base ? { base } : {}),
    excused: true,
    tell(world) {
      const times = watchJobs(world);
      queueAt(world, 0, 11);
      return () => [
        ...atMost(world, 11, 2),
        ...unless(
          times.startedAfter(11, hours * HOUR) <= withinMinutes * MINUTE,
          `it started ${times.startedAfter(11, hours * HOUR)} s after it was allowed again`,
        ),
      ];
    },
  };
}

// One has the only place, and its repository is lost: what is served beside it soon has that place.
const anotherWaits: Story["tell"] = (world) => {
  const times = watchJobs(world);
  queueAt(world, 0, 21, SITE);
  queueAt(world, 50, 11);
  return () =>
    unless(times.startedAfter(11, 50) <= 7 * MINUTE, `the other job started after ${times.startedAfter(11, 50)} s`);
};

export const REFUSAL_STORIES: readonly Story[] = [
  foreign(1, 1, notInstalled),
  foreign(3, 3, notPermitted),
  foreign(0, 3, notPermitted),
  {
    name: "an organization's webhook that brings jobs of a repository without the App",
    options: { repositories: [SHOP], maxConcurrency: 2 },
    unservable: true,
    hours: 40,
    tell(world) {
      const times = watchJobs(world);
      for (let index = 0; index < 20; index++) queueAt(world, index, 200 + index, SITE);
      queueAt(world, 30, 11);
      return () => {
        const asked = world.gate.calls.filter(
          ({ name, repository }) => /^github/.test(name) && repository === SITE,
        ).length;
        const told = world.log.filter((line) => line.includes(SITE) && /"level":"(warn|error)"/.test(line)).length;
        return [
          ...unless(asked <= 40, `GitHub was asked ${asked} times about it`),
          ...unless(told <= 2, `${told} warnings and errors were logged about it in an hour`),
          ...unless(times.startedAfter(11, 30) <= 2 * MINUTE, "another repository's job waited for it"),
        ];
      };
    },
  },
  healing(
    "RunMicrovm that is denied for 4 hours",
    answered(/^microvms\.run/, notPermitted, { from: 0, until: 4 * HOUR }),
    4,
  ),
  healing(
    "a permission that is missing for 23 hours",
    answered(/^github\./, notPermitted, { from: 0, until: 23 * HOUR }),
    23,
  ),
  healing("an App that is suspended for 5 hours", answered(/^github\./, notPermitted, { from: 0, until: 5 * HOUR }), 5),
  healing(
    "an App whose key is revoked for 3 hours",
    answered(/^(github|hooks)\./, () => new RefusedError("Bad credentials", { details: { status: 401 } }), {
      from: 0,
      until: 3 * HOUR,
    }),
    3,
  ),
  healing(
    "an image that is being built for 2 hours",
    answered(/^microvms\.run/, () => new ThrottledError("no active version", { reason: "image" }), {
      from: 0,
      until: 2 * HOUR,
    }),
    2,
  ),
  {
    name: "a repository that is lost while its job runs, and another's job that waits for its place",
    options: {
      repositories: [SHOP, SITE],
      maxConcurrency: 1,
      fateOfDelivery: ({ action, job }) =>
        action === "completed" && job.repository === SITE ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 },
      redelivers: ({ action, job }) => !(action === "completed" && job.repository === SITE),
    },
    base: answered(/^github\./, notInstalled, { from: 40, until: 90 * DAY, repository: SITE }),
    excused: true,
    tell: anotherWaits,
  },
  {
    name: "a lost repository whose MicroVM dies without a word",
    options: {
      repositories: [SHOP, SITE],
      maxConcurrency: 1,
      fateOfMicrovm: ({ input }) => ({
        ...{ bootSeconds: 20, jobSeconds: 600, mute: input.clientToken.includes("-21-") },
        ...(input.clientToken.includes("-21-") ? { diesAfterSeconds: 60 } : {}),
      }),
    },
    base: answered(/^github\./, notInstalled, { from: 40, until: 90 * DAY, repository: SITE }),
    excused: true,
    unservable: true,
    tell: anotherWaits,
  },
];
