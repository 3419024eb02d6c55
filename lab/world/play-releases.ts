/** Years of the runner's releases over one deployment: the real functions that ask GitHub and build, in memory. */

import type { RefreshEnvironment } from "../../contract/refresh-environment.ts";
import { daysLeft } from "../../dispatcher/core/days-left.ts";
import { checkRunner } from "../../dispatcher/flows/check-runner.ts";
import { refresh } from "../../dispatcher/flows/refresh.ts";
import { createRandom } from "./random.ts";
import type { CalendarRelease } from "./releases.ts";
import { createManualClock } from "./services/manual-clock.ts";
import type { BuiltVersion } from "./services/memory-built-image.ts";
import { createMemoryRunnerApi } from "./services/memory-runner-api.ts";
import { createRefreshBench } from "./services/refresh-bench.ts";

const TICK_SECONDS = 300;
const DAY_MS = 24 * 3_600_000;
/** GitHub gives a job up that was queued for so long. */
const QUEUED_LIMIT_MS = DAY_MS;

export interface PlayOptions {
  seed: number;
  calendar: readonly CalendarRelease[];
  environment?: Partial<RefreshEnvironment>;
  /** Part of the builds that fail, 0 to 1. */
  failing?: number;
  /** While github.com cannot be reached, from a moment and for so many days; its API neither. */
  outages?: readonly { fromMs: number; days: number }[];
  /** Whether the service refuses to launch while the image is UPDATING or UPDATE_FAILED: nobody knows. */
  strict: boolean;
  /** Somebody applies a change of the image, each with the module's own runner of the day; every so many days. */
  appliesEveryDays?: number;
  /** A job is queued every so many minutes. */
  jobEveryMinutes: number;
  /** Told before each tick. */
  onTick?(bench: ReturnType<typeof createRefreshBench>, nowMs: number): void;
}

export interface Played {
  months: number;
  buildsAYear: number;
  /** Builds that healed an image, which are not counted above. */
  heals: number;
  /** Fewest days left at any time; undefined where no day was ever counted. */
  daysLeftAtWorst: number | undefined;
  /** Ticks at which what launches got was a runner that GitHub refuses. */
  refusedTicks: number;
  jobs: number;
  /** Jobs that waited longer than GitHub keeps them. */
  lostJobs: number;
  /** In minutes. */
  longestWait: number;
  errors: Record<string, number>;
}

/** Plays from the calendar's first release to a month after its last. */
export async function playReleases(options: PlayOptions): Promise<Played> {
  const { calendar, strict } = options;
  const random = createRandom(options.seed);
  const startMs = (calendar[0]?.publishedMs ?? 0) + DAY_MS;
  const endMs = (calendar.at(-1)?.publishedMs ?? 0) + 30 * DAY_MS;
  const clock = createManualClock(new Date(startMs));
  const isOut = () =>
    (options.outages ?? []).some(({ fromMs, days }) => {
      const passed = clock.now().getTime() - fromMs;
      return passed >= 0 && passed < days * DAY_MS;
    });
  const api = createMemoryRunnerApi(clock, () => calendar);
  const rules: string[] = [];
  const bench = createRefreshBench({
    clock,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    fails: (build: BuiltVersion) =>
      build.version !== "1.0" && random() < (options.failing ?? 0) ? "exit code 1" : undefined,
    reach: () => !isOut(),
    quiet: true,
  });
  bench.apply(calendar[0]?.version ?? "");
  const waiting: number[] = [];
  const played = { refusedTicks: 0, jobs: 0, lostJobs: 0, longestWait: 0 };
  let worst: number | undefined;
  let nextJobMs = startMs;
  let nextApplyMs = startMs + (options.appliesEveryDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
  let applied = 0;
  for (let nowMs = startMs; nowMs < endMs; nowMs += TICK_SECONDS * 1_000) {
    clock.set(new Date(nowMs));
    options.onTick?.(bench, nowMs);
    if (nowMs >= nextApplyMs && bench.image.now() !== "UPDATING") {
      nextApplyMs += (options.appliesEveryDays ?? 0) * DAY_MS;
      // The module was published two releases ago.
      const own = calendar.filter(({ publishedMs }) => publishedMs <= nowMs).at(-2) ?? calendar[0];
      bench.apply(own?.version ?? "", { memoryMib: ++applied % 2 === 0 ? 2_048 : 4_096 });
    }
    if (!isOut()) await askGitHub(bench, api, clock);
    const result = await refresh(bench.deps, { rebuild: false });
    if (result.outcome === "build" && result.rule !== undefined) rules.push(result.rule);
    prune(bench);
    const launched = bench.image.launched();
    const runner = launched?.runner ?? "";
    const isRefused = api.refuses(runner);
    if (isRefused) played.refusedTicks++;
    const left = daysLeft(bench.releases.now(), runner, clock.now());
    if (left !== undefined) worst = Math.min(worst ?? left, left);
    for (; nextJobMs <= nowMs; nextJobMs += options.jobEveryMinutes * 60_000) {
      played.jobs++;
      waiting.push(nextJobMs);
    }
    const state = bench.image.now();
    const isOpen = !strict || state === "CREATED" || state === "UPDATED";
    if (!isOpen || isRefused) continue;
    for (const queuedMs of waiting.splice(0)) {
      played.longestWait = Math.max(played.longestWait, (nowMs - queuedMs) / 60_000);
      if (nowMs - queuedMs > QUEUED_LIMIT_MS) played.lostJobs++;
    }
  }
  const years = (endMs - startMs) / (365.25 * DAY_MS);
  const heals = rules.filter((rule) => rule === "heal").length;
  return {
    ...played,
    lostJobs: played.lostJobs + waiting.filter((queuedMs) => endMs - queuedMs > QUEUED_LIMIT_MS).length,
    months: Math.round(years * 12),
    buildsAYear: Math.round(((rules.length - heals) / years) * 10) / 10,
    heals,
    daysLeftAtWorst: worst,
    errors: countErrors(bench.lines),
  };
}

type Bench = ReturnType<typeof createRefreshBench>;

async function askGitHub(
  bench: Bench,
  github: ReturnType<typeof createMemoryRunnerApi>,
  clock: Bench["deps"]["clock"],
) {
  const { releases, state, deps } = bench;
  await checkRunner({ github, releases, image: state, hold: deps.hold, enforced: true, clock, log: deps.log });
}

// As the prune function leaves them: three that were built, and of those that failed none older than a day.
function prune({ image, deps }: Bench): void {
  if (image.now() === "UPDATING") return;
  const dayAgo = deps.clock.now().getTime() - DAY_MS;
  for (const version of image.prunable(3, dayAgo)) image.remove(version);
}

function countErrors(lines: Bench["lines"]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { level, event } of lines) if (level === "error") counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}
