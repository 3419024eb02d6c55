import { ThrottledError } from "../../dispatcher/errors.ts";
import { LABELS } from "../world/world.ts";
import { REPOSITORIES } from "./day.ts";
import type { Drill } from "./drill.ts";

const HOUR = 3_600;
const MINUTE = 60;
/** The class that some of the jobs are of. */
const LARGE = { required: ["large"], runner: ["self-hosted", "linux", "arm64", "large"] };
const LARGE_JOBS = 24;
/** GitHub does not deliver that it is queued. */
const UNDELIVERED = 1_040;
/** Its first MicroVM dies, and the one after it of another. */
const DYING = ["1030-1", "1070-1"];
export const FORKS_JOB = 5_000;

/**
 * A day on which everything happens that the saved queries ask for, and nothing of it for so long, or so often, that
 * anybody is woken: two MicroVMs die, a fork is refused, a delivery fails, and for ten minutes the Region has no room.
 */
export const SIMULATED_DAY: Drill = {
  ...{ name: "simulated-day", says: "a day with a little of everything", hours: 20, hour: 2, alarms: {} },
  losesJobs: true,
  options: ({ from }) => {
    const isFull = (now: Date) => {
      const seconds = (now.getTime() - from.getTime()) / 1_000 - 9 * HOUR;
      return seconds >= 0 && seconds < 10 * MINUTE;
    };
    return {
      classes: { large: LARGE },
      faults: ({ name }, now) =>
        isFull(now) && name === "microvms.run" ? new ThrottledError("no room", { reason: "capacity" }) : undefined,
      fateOfMicrovm: ({ input }, random) => ({
        ...{ bootSeconds: 15 + Math.round(random() * 20), jobSeconds: 60 + Math.round(random() ** 2 * 900) },
        ...(DYING.some((launch) => input.clientToken.endsWith(`-${launch}`)) ? { diesAfterSeconds: 12 } : {}),
      }),
      fateOfDelivery: ({ action, job }) =>
        action === "queued" && job.id === UNDELIVERED ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 },
    };
  },
  play({ github, time }) {
    const [repository] = REPOSITORIES;
    const fork = { event: "pull_request", headRepository: "somebody/shop" };
    // GitHub might give it to a runner that was made for another job.
    github.withhold(FORKS_JOB);
    time.after(10 * HOUR, () =>
      github.queueJob({ id: FORKS_JOB, repository, labels: LABELS, isPublic: true, origin: fork }),
    );
    for (let count = 0; count < LARGE_JOBS; count++) {
      const job = { id: 6_000 + count, repository, labels: LARGE.runner };
      time.after(8 * HOUR + count * 20 * MINUTE, () => github.queueJob(job));
    }
  },
};
