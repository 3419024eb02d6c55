import fc from "fast-check";
import { RefusedError, ThrottledError } from "../../dispatcher/errors.ts";
import { type FaultSource, SIMPLE_FAULTS } from "./call-gate.ts";
import type { EventKind } from "./events.ts";
import { inspect } from "./invariants.ts";
import {
  ACCOUNT_CONCURRENCY,
  eventsWithout,
  faultOfEvent,
  isWithin,
  planEvent,
  type ScheduleEvent,
  TOKEN_MEMORY_SECONDS,
} from "./schedule-events.ts";
import { createWorld, type DeliveryFate, LABELS, type World, type WorldOptions } from "./world.ts";

const REPOSITORIES = ["acme/shop", "acme/site", "acme/tools"];
const FIRST_JOB = 1_001;
const START = new Date("2026-01-01T00:00:00Z").getTime();
/** Longer than GitHub keeps a job queued, and the MicroVM of one that it gave up lives. */
const HOURS = 40;

/** Everything that is to happen in one world. */
export interface Schedule {
  seed: number;
  jobs: JobPlan[];
  /** Single calls that go wrong, by their number. */
  faults: { call: number; fault: (typeof SIMPLE_FAULTS)[number] | "throttled" }[];
  events: ScheduleEvent[];
  maxConcurrency: number;
  maxConcurrencyPerRepository: number;
  perSecond: number;
  /** Runners of the organization take the jobs of all repositories. */
  organizationRunners: boolean;
  /** An account with the quotas that new ones have. */
  smallAccount: boolean;
  skewSeconds: number;
}

interface JobPlan {
  at: number;
  repository: number;
  bootSeconds: number;
  jobSeconds: number;
  diesAfterSeconds?: number | undefined;
  /** How many of its MicroVMs die so. */
  deaths: number;
  mute: boolean;
  isFork: boolean;
  cancelledAfter?: number | undefined;
  /** How its three deliveries fare: seconds on the way, or lost. */
  deliveries: (number | "lost" | "twice")[];
}

/** A little less than `max_duration_seconds` allows. */
const LONG_SECONDS = 3_400;

const delivery = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.constant("lost" as const) },
  { weight: 1, arbitrary: fc.constant("twice" as const) },
);

function jobsWithout(kinds: ReadonlySet<EventKind>): fc.Arbitrary<JobPlan> {
  const usually = <T>(value: T, rarely: fc.Arbitrary<T>, kind: EventKind) =>
    kinds.has(kind)
      ? fc.constant(value)
      : fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: rarely });
  const short = fc.integer({ min: 1, max: 900 });
  const long = fc.integer({ min: LONG_SECONDS, max: 4_000 });
  const plans = fc.record({
    at: fc.integer({ min: 0, max: 300 }),
    repository: fc.integer({ min: 0, max: REPOSITORIES.length - 1 }),
    bootSeconds: fc.integer({ min: 5, max: 120 }),
    jobSeconds: kinds.has("job too long")
      ? short
      : fc.oneof({ weight: 19, arbitrary: short }, { weight: 1, arbitrary: long }),
    diesAfterSeconds: fc.option(fc.integer({ min: 0, max: 200 }), { freq: 4, nil: undefined }),
    deaths: usually(1, fc.integer({ min: 2, max: 6 }), "successor death"),
    mute: fc.boolean(),
    isFork: usually(false, fc.constant(true), "fork"),
    cancelledAfter: fc.option(fc.integer({ min: 0, max: 400 }), { freq: 3, nil: undefined }),
    deliveries: fc.array(delivery, { minLength: 3, maxLength: 3 }),
  });
  // What ends a job early would leave few that run for long.
  return plans.map((plan) =>
    plan.jobSeconds < LONG_SECONDS ? plan : { ...plan, cancelledAfter: undefined, diesAfterSeconds: undefined },
  );
}

/** Schedules of a few jobs in a few repositories with much going wrong, but nothing of those kinds. */
export function schedulesWithout(kinds: ReadonlySet<EventKind>): fc.Arbitrary<Schedule> {
  const setting = <T>(usual: T, other: T, kind: EventKind) =>
    kinds.has(kind) ? fc.constant(usual) : fc.constantFrom(usual, usual, usual, other);
  return fc.record({
    seed: fc.nat(),
    jobs: fc.array(jobsWithout(kinds), { minLength: 1, maxLength: 8 }),
    faults: fc.array(fc.record({ call: fc.nat(300), fault: fc.constantFrom(...SIMPLE_FAULTS, "throttled" as const) }), {
      maxLength: 5,
    }),
    events: fc.array(eventsWithout(kinds), { maxLength: 4 }),
    maxConcurrency: fc.constantFrom(0, 0, 1, 3),
    maxConcurrencyPerRepository: fc.constantFrom(0, 0, 0, 1, 2),
    perSecond: fc.constantFrom(1, 5, 5),
    organizationRunners: fc.boolean(),
    smallAccount: setting(false, true, "memory quota"),
    skewSeconds: setting(0, 3, "clock skew"),
  });
}

/** What `soak` and the tests play. */
export const schedules = schedulesWithout(new Set());

/** Plays a schedule and returns its broken promises and its log. */
export async function play(
  schedule: Schedule,
  alter?: Partial<WorldOptions>,
): Promise<{ broken: string[]; world: World }> {
  const plans = new Map(schedule.jobs.map((plan, index) => [FIRST_JOB + index, plan]));
  const world = createWorld({ ...optionsOf(schedule, plans), ...alter });
  const removed = new Set(
    schedule.events.flatMap((event) => (event.kind === "app removed" ? [repositoryOf(event.repository)] : [])),
  );
  const inspector = inspect(world, {
    fromLastFault: true,
    isUnservable: ({ repository }) => removed.has(repository),
  });
  for (const [id, plan] of plans) {
    const repository = repositoryOf(plan.repository);
    const origin = { event: "pull_request", headRepository: "jane/fork" };
    const kind = plan.isFork ? { isPublic: true, origin } : {};
    world.time.after(plan.at, () => world.github.queueJob({ id, repository, labels: LABELS, ...kind }));
    if (plan.cancelledAfter !== undefined) {
      world.time.after(plan.at + plan.cancelledAfter, () => world.github.cancelJob(id));
    }
  }
  const jobOf = (index: number) => {
    const position = index % schedule.jobs.length;
    return { id: FIRST_JOB + position, at: schedule.jobs[position]?.at ?? 0 };
  };
  for (const event of schedule.events) planEvent(event, world, jobOf);
  await world.time.run(HOURS);
  const broken = inspector.violations();
  const launched = world.microvms.all().length;
  const bound = boundOf(schedule) + world.gate.faults;
  if (launched > bound)
    broken.push(`${launched} MicroVMs launched for ${plans.size} jobs, above the bound of ${bound}`);
  return { broken, world };
}

function optionsOf(schedule: Schedule, plans: ReadonlyMap<number, JobPlan>): WorldOptions {
  const planOf = (token: string) => plans.get(Number(/-(\d+)-\d+$/.exec(token)?.[1]));
  const { events, smallAccount } = schedule;
  const late = events.filter((event) => event.kind === "message late");
  const throttles = events.some((event) => event.kind === "function throttled");
  const forgets = events.some((event) => event.kind === "token forgotten");
  const refusing = events.some((event) => event.kind === "hook refused");
  return {
    seed: schedule.seed,
    repositories: REPOSITORIES,
    maxConcurrency: schedule.maxConcurrency,
    maxConcurrencyPerRepository: schedule.maxConcurrencyPerRepository,
    organizationRunners: schedule.organizationRunners,
    rate: { perSecond: smallAccount ? 1 : schedule.perSecond, burst: smallAccount ? 1 : 5 },
    ...(smallAccount ? { maxAlive: SMALL_ACCOUNT_MICROVMS } : {}),
    ...(smallAccount || throttles ? { lambdaConcurrency: ACCOUNT_CONCURRENCY, workers: 5, delayOf: delayOfCall } : {}),
    ...(forgets ? { tokenMemorySeconds: TOKEN_MEMORY_SECONDS } : {}),
    skewSeconds: schedule.skewSeconds,
    gitHubSkewSeconds: schedule.skewSeconds * 10,
    faults: faultsOf(schedule),
    latenessOf: (now) => late.find((span) => isWithin(span, secondOf(now)))?.by ?? 0,
    ...(refusing ? { hooks: REPOSITORIES.map((repository, index) => hookOf(events, repository, index)) } : {}),
    fateOfMicrovm({ input }) {
      const plan = planOf(input.clientToken);
      const { bootSeconds = 20, jobSeconds = 60, mute = false } = plan ?? {};
      const number = Number(/-(\d+)$/.exec(input.clientToken)?.[1]);
      const dies = plan !== undefined && number <= plan.deaths ? plan.diesAfterSeconds : undefined;
      return { bootSeconds, jobSeconds, mute, ...(dies === undefined ? {} : { diesAfterSeconds: dies }) };
    },
    fateOfDelivery({ action, job: { id } }): DeliveryFate {
      const index = ["queued", "in_progress", "completed"].indexOf(action);
      const fate = plans.get(id)?.deliveries[index] ?? 1;
      if (fate === "lost") return { kind: "lost" };
      return fate === "twice"
        ? { kind: "arrives", afterSeconds: 1, copies: 2 }
        : { kind: "arrives", afterSeconds: fate };
    },
  };
}

/**
 * 8 GB, of which a MicroVM of 2 GiB takes four times its size; the one that goes beyond the quota is still admitted.
 */
const SMALL_ACCOUNT_MICROVMS = 2;
/** Milliseconds, as seen in stand-ins and from published measurements. */
const DELAYS_MS: Readonly<Record<string, number>> = {
  "github.registerRunner": 600,
  "github.getJob": 200,
  "github.findRunner": 200,
  "github.removeRunner": 200,
  "microvms.run": 217,
  "microvms.get": 50,
  "microvms.terminate": 100,
};

/** How long a call takes, in milliseconds. */
export function delayOfCall(name: string): number {
  return DELAYS_MS[name] ?? 10;
}

function hookOf(events: readonly ScheduleEvent[], repository: string, index: number) {
  return {
    hook: { kind: "repository" as const, repository, hookId: index + 1 },
    refuses: (now: Date) =>
      events.some(
        (event) => event.kind === "hook refused" && event.repository === index && isWithin(event, secondOf(now)),
      )
        ? new RefusedError("Repository access blocked", { details: { status: 403 } })
        : undefined,
  };
}

// Besides one for each fault: two for a job, those that die, one for each hold, and what an incident may cost.
function boundOf({ jobs, events }: Schedule): number {
  const deaths = jobs.reduce((sum, plan) => sum + (plan.diesAfterSeconds === undefined ? 0 : plan.deaths), 0);
  let bound = 2 * jobs.length + deaths;
  const isWithheld = events.some(({ kind }) => kind === "nothing assigned");
  for (const event of events) {
    // The job starts afresh.
    if (event.kind === "held") bound += 1 + (isWithheld ? 6 : 0);
    if (event.kind === "nothing assigned") bound += 6 * jobs.length + Math.ceil(event.seconds / 900);
  }
  return bound;
}

function faultsOf(schedule: Schedule): FaultSource {
  const earlier = new Map<string, number>();
  return (call, now) => {
    const count = earlier.get(call.name) ?? 0;
    earlier.set(call.name, count + 1);
    for (const event of schedule.events) {
      const planned = faultOfEvent(event, call, secondOf(now), { repositoryOf, earlier: count });
      if (planned) return planned;
    }
    const fault = schedule.faults.find(({ call: index }) => index === call.index)?.fault;
    return fault === "throttled" ? new ThrottledError(`${call.name} was throttled`) : fault;
  };
}

function repositoryOf(index: number): string {
  return REPOSITORIES[index] ?? "acme/shop";
}

function secondOf(now: Date): number {
  return (now.getTime() - START) / 1_000;
}

/** What happened in a world that broke a promise, for a person to read. */
export function tell(schedule: Schedule, broken: readonly string[], world: World): string {
  return [`schedule ${JSON.stringify(schedule)}`, ...world.log, "broken:", ...broken].join("\n");
}
