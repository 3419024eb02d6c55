/**
 * A year of the runner's releases with both sides whole: refresh builds the image that the dispatcher launches jobs
 * from.
 */
import { checkRunner } from "../../dispatcher/flows/check-runner.ts";
import { refresh } from "../../dispatcher/flows/refresh.ts";
import { inspect } from "./invariants.ts";
import { createRandom } from "./random.ts";
import type { CalendarRelease } from "./releases.ts";
import { createMemoryRunnerApi } from "./services/memory-runner-api.ts";
import { createRefreshBench } from "./services/refresh-bench.ts";
import { createWorld, LABELS } from "./world.ts";

const TICK_SECONDS = 300;
const DAY_SECONDS = 24 * 3_600;
const DAYS = 365;

export interface YearOptions {
  seed: number;
  calendar: readonly CalendarRelease[];
  /** Whether the service refuses to launch while the image is UPDATING or UPDATE_FAILED: nobody knows. */
  strict: boolean;
  /** Part of the builds that fail, 0 to 1. */
  failing?: number;
  /** Days of the year, and how many from there on, on which neither github.com nor its API answers refresh. */
  outages?: readonly { day: number; days: number }[];
  /** A release that GitHub's broker refuses from a day after it came out, though the API calls it current. */
  withdrawn?: string;
  jobsADay: number;
}

export interface PlayedYear {
  jobs: number;
  succeeded: number;
  /** From queued to given to a runner, in minutes. */
  longestWait: number;
  builds: number;
  /** MicroVMs whose runner GitHub refused. */
  wasted: number;
  violations: string[];
}

/** Plays it; the first release of the calendar is a day old when it begins. */
export async function playYear(options: YearOptions): Promise<PlayedYear> {
  const { strict, withdrawn, failing = 0 } = options;
  const random = createRandom(options.seed);
  const world = createWorld({
    seed: options.seed,
    repositories: ["acme/shop"],
    fateOfMicrovm({ imageVersion }) {
      const runner = bench.image.builds().find(({ version }) => version === imageVersion)?.runner ?? "";
      const refused = isRefused(runner) ? { refused: runner } : {};
      return { bootSeconds: 20, jobSeconds: 60 + Math.floor(random() * 1_200), ...refused };
    },
  });
  const { time, microvms } = world;
  const startMs = time.now().getTime();
  const movedMs = startMs - DAY_SECONDS * 1_000 - (options.calendar[0]?.publishedMs ?? 0);
  const calendar = options.calendar.map(({ version, publishedMs, refusedMs }) => ({
    ...{ version, publishedMs: publishedMs + movedMs, refusedMs: refusedMs === null ? null : refusedMs + movedMs },
  }));
  const day = () => (time.now().getTime() - startMs) / (DAY_SECONDS * 1_000);
  const isOut = () => (options.outages ?? []).some(({ day: from, days }) => day() >= from && day() < from + days);
  const api = createMemoryRunnerApi(time, () => calendar);
  const isRefused = (runner: string): boolean => {
    const publishedMs = calendar.find(({ version }) => version === runner)?.publishedMs ?? 0;
    const isWithdrawn = runner === withdrawn && time.now().getTime() >= publishedMs + DAY_SECONDS * 1_000;
    return isWithdrawn || api.refuses(runner);
  };
  const bench = createRefreshBench({
    clock: time,
    fails: ({ version }) => (version !== "1.0" && random() < failing ? "exit code 1" : undefined),
    reach: () => !isOut(),
    quiet: true,
  });
  bench.apply(calendar[0]?.version ?? "");
  // The items of one table: what the dispatcher finds out refresh reads, and the other way round.
  const deps = { ...bench.deps, releases: world.releases, hold: world.hold };
  const asking = { github: api, releases: world.releases, image: bench.state, hold: world.hold, enforced: true };

  const tick = async () => {
    if (!isOut()) await checkRunner({ ...asking, clock: time, log: deps.log });
    await refresh(deps, { rebuild: false });
    const state = bench.image.now();
    microvms.setImage(strict && state !== "CREATED" && state !== "UPDATED" ? "updating" : "active");
    microvms.setLatest(bench.image.launched()?.version ?? "1.0");
    prune(bench, time.now().getTime());
  };
  for (let seconds = 600; seconds < (DAYS + 2) * DAY_SECONDS; seconds += TICK_SECONDS) {
    time.after(seconds, () => void tick());
  }
  const inspector = inspect(world);
  const given = playJobs(world, options.jobsADay, random);
  await time.run((DAYS + 2) * 24);
  return {
    ...given(),
    builds: bench.image.builds().length - 1,
    wasted: world.log.filter((line) => /"event":"runner\.refused(?:_once)?"/.test(line)).length,
    violations: inspector.violations(),
  };
}

function playJobs({ time, github }: ReturnType<typeof createWorld>, aDay: number, random: () => number) {
  const queuedMs = new Map<number, number>();
  let longestMs = 0;
  github.onEvent(({ action, job }) => {
    const sinceMs = queuedMs.get(job.id);
    if (action === "in_progress" && sinceMs !== undefined) {
      longestMs = Math.max(longestMs, time.now().getTime() - sinceMs);
    }
  });
  for (let id = 1; id <= DAYS * aDay; id++) {
    const seconds = DAY_SECONDS * ((id - 1) / aDay) + random() * (DAY_SECONDS / aDay) + 3_600;
    time.after(seconds, () => {
      queuedMs.set(id, time.now().getTime());
      github.queueJob({ id, repository: "acme/shop", labels: LABELS });
    });
  }
  return () => ({
    jobs: queuedMs.size,
    succeeded: github.jobs().filter(({ conclusion }) => conclusion === "success").length,
    longestWait: Math.round(longestMs / 60_000),
  });
}

// As the prune function leaves them: three that were built, and of those that failed none older than a day.
function prune({ image }: ReturnType<typeof createRefreshBench>, nowMs: number): void {
  if (image.now() === "UPDATING") return;
  for (const version of image.prunable(3, nowMs - DAY_SECONDS * 1_000)) image.remove(version);
}
