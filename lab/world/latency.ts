import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import { createWorld, LABELS } from "./world.ts";

/** From GitHub's event to the webhook function's answer. */
const DELIVERY_SECONDS = 0.4;
/**
 * Milliseconds that a call takes: RunMicrovm as measured by others, registrations as GitHub's API usually answers, the table as
 * DynamoDB does within a Region.
 */
const CALL_MS: Readonly<Record<string, number>> = {
  "table.get": 6,
  "table.put": 8,
  "table.admit": 14,
  "table.acquire": 8,
  "github.registerRunner": 600,
  "microvms.run": 217,
};

export interface LatencyFigures {
  /** Milliseconds from queued to launched. */
  p50: number;
  p95: number;
  last: number;
  /** Calls of RunMicrovm that were refused for their rate. */
  refused: number;
  /** Names of the dispatcher's calls up to the first launch. */
  callsBefore: string[];
  /** When each of them began, and when the MicroVM was launched: milliseconds from the first job's queueing. */
  milestones: { what: string; ms: number }[];
}

export interface LatencyOptions {
  /** How many jobs are queued at one moment, and how many such moments there are, ten minutes apart. */
  jobs: number;
  bursts?: number;
  perSecond: number;
  /** How many calls the service takes at once. */
  takes: number;
  /** The dispatcher's invocations at once. */
  workers?: number;
  alter?(deps: DispatcherDeps): DispatcherDeps;
}

/** How long jobs wait for their MicroVM when each call takes its time; the figures are those of the last burst. */
export async function latency(options: LatencyOptions): Promise<LatencyFigures> {
  const { jobs, bursts = 1, perSecond, takes, workers = 5, alter } = options;
  const milestones: LatencyFigures["milestones"] = [];
  let isLaunched = false;
  const reached = (what: string) => {
    if (!isLaunched) milestones.push({ what, ms: time.now().getTime() - queuedAt });
  };
  const world = createWorld({
    seed: 1,
    repositories: ["acme/shop"],
    rate: { perSecond, burst: takes },
    workers,
    ...(alter ? { alter } : {}),
    delayOf: (name) => {
      reached(name);
      return CALL_MS[name] ?? 5;
    },
    fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 60 }),
    fateOfDelivery: () => ({ kind: "arrives", afterSeconds: DELIVERY_SECONDS }),
  });
  const { time, github, microvms, gate } = world;
  const waits: number[] = [];
  let queuedAt = 0;
  let refusedBefore = 0;
  let callsBefore: string[] | undefined;
  microvms.onLaunch(() => {
    waits.push(time.now().getTime() - queuedAt);
    callsBefore ??= gate.calls.map(({ name }) => name);
    reached("launched");
    isLaunched = true;
  });
  for (let burst = 0; burst < bursts; burst++) {
    time.after(burst * 600, () => {
      queuedAt = time.now().getTime();
      refusedBefore = microvms.throttledCount();
      waits.length = 0;
      for (let index = 0; index < jobs; index++) {
        github.queueJob({ id: (burst + 1) * 10_000 + index, repository: "acme/shop", labels: LABELS });
      }
    });
  }
  await time.run(30);
  const sorted = waits.toSorted((one, other) => one - other);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  return {
    ...{ p50: at(0.5), p95: at(0.95), last: at(1) },
    refused: microvms.throttledCount() - refusedBefore,
    callsBefore: callsBefore ?? [],
    milestones,
  };
}
