import fc from "fast-check";
import { ThrottledError, TransientError } from "../../dispatcher/errors.ts";
import { type CallFault, type FaultSource, SIMPLE_FAULTS } from "./call-gate.ts";
import { inspect } from "./invariants.ts";
import { createWorld, type DeliveryFate, LABELS, type World, type WorldOptions } from "./world.ts";

const REPOSITORIES = ["acme/shop", "acme/site", "acme/tools"];
/** Longer than GitHub keeps a job queued. */
const HOURS = 40;

/** Everything that is to happen in one world. */
export interface Schedule {
  seed: number;
  jobs: JobPlan[];
  /** Single calls that go wrong, by their number. */
  faults: { call: number; fault: (typeof SIMPLE_FAULTS)[number] | "throttled" }[];
  /** Times in which every call to a service goes wrong. */
  outages: {
    service: "github" | "slow github" | "rate" | "quota" | "image" | "table";
    from: number;
    seconds: number;
  }[];
  maxConcurrency: number;
  perSecond: number;
  /** Runners of the organization take the jobs of all repositories. */
  organizationRunners: boolean;
}

interface JobPlan {
  at: number;
  repository: number;
  bootSeconds: number;
  jobSeconds: number;
  diesAfterSeconds?: number | undefined;
  mute: boolean;
  cancelledAfter?: number | undefined;
  /** How its three deliveries fare: seconds on the way, or lost. */
  deliveries: (number | "lost" | "twice")[];
}

const delivery = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.constant("lost" as const) },
  { weight: 1, arbitrary: fc.constant("twice" as const) },
);

const job: fc.Arbitrary<JobPlan> = fc.record({
  at: fc.integer({ min: 0, max: 300 }),
  repository: fc.integer({ min: 0, max: REPOSITORIES.length - 1 }),
  bootSeconds: fc.integer({ min: 5, max: 120 }),
  jobSeconds: fc.integer({ min: 1, max: 900 }),
  diesAfterSeconds: fc.option(fc.integer({ min: 0, max: 200 }), { freq: 4, nil: undefined }),
  mute: fc.boolean(),
  cancelledAfter: fc.option(fc.integer({ min: 0, max: 400 }), { freq: 3, nil: undefined }),
  deliveries: fc.array(delivery, { minLength: 3, maxLength: 3 }),
});

/** Schedules of a few jobs in a few repositories with much going wrong. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(),
  jobs: fc.array(job, { minLength: 1, maxLength: 8 }),
  faults: fc.array(fc.record({ call: fc.nat(300), fault: fc.constantFrom(...SIMPLE_FAULTS, "throttled" as const) }), {
    maxLength: 5,
  }),
  outages: fc.array(
    fc.record({
      service: fc.constantFrom(
        "github" as const,
        "slow github" as const,
        "rate" as const,
        "quota" as const,
        "image" as const,
        "table" as const,
      ),
      from: fc.integer({ min: 0, max: 600 }),
      seconds: fc.integer({ min: 1, max: 1_200 }),
    }),
    { maxLength: 2 },
  ),
  maxConcurrency: fc.constantFrom(0, 0, 1, 3),
  perSecond: fc.constantFrom(1, 5, 5),
  organizationRunners: fc.boolean(),
});

/** Plays a schedule and returns its broken promises and its log. */
export async function play(
  schedule: Schedule,
  alter?: Partial<WorldOptions>,
): Promise<{ broken: string[]; world: World }> {
  const plans = new Map(schedule.jobs.map((plan, index) => [1_001 + index, plan]));
  const planOf = (token: string) => plans.get(Number(/-(\d+)-\d+$/.exec(token)?.[1]));
  const start = new Date("2026-01-01T00:00:00Z").getTime();
  const world = createWorld({
    seed: schedule.seed,
    repositories: REPOSITORIES,
    maxConcurrency: schedule.maxConcurrency,
    organizationRunners: schedule.organizationRunners,
    rate: { perSecond: schedule.perSecond, burst: 5 },
    faults: faultsOf(schedule, start),
    fateOfMicrovm({ input }) {
      const plan = planOf(input.clientToken);
      const { bootSeconds = 20, jobSeconds = 60, mute = false } = plan ?? {};
      // A successor lives, or a job could run out of launches by design.
      const dies = input.clientToken.endsWith("-1") ? plan?.diesAfterSeconds : undefined;
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
    ...alter,
  });
  const inspector = inspect(world, { fromLastFault: true });
  for (const [id, plan] of plans) {
    const repository = REPOSITORIES[plan.repository] ?? "acme/shop";
    world.time.after(plan.at, () => world.github.queueJob({ id, repository, labels: LABELS }));
    if (plan.cancelledAfter !== undefined) {
      world.time.after(plan.at + plan.cancelledAfter, () => world.github.cancelJob(id));
    }
  }
  await world.time.run(HOURS);
  const broken = inspector.violations();
  const launched = world.microvms.all().length;
  const deaths = schedule.jobs.filter((plan) => plan.diesAfterSeconds !== undefined).length;
  const bound = 2 * plans.size + world.gate.faults + deaths;
  if (launched > bound)
    broken.push(`${launched} MicroVMs launched for ${plans.size} jobs, above the bound of ${bound}`);
  return { broken, world };
}

function faultsOf(schedule: Schedule, start: number): FaultSource {
  return ({ index, name }, now) => {
    const seconds = (now.getTime() - start) / 1_000;
    for (const { service, from, seconds: length } of schedule.outages) {
      if (seconds < from || seconds >= from + length) continue;
      const fault = outageOf(service, name, from + length - seconds);
      if (fault) return fault;
    }
    const fault = schedule.faults.find(({ call }) => call === index)?.fault;
    return fault === "throttled" ? new ThrottledError(`${name} was throttled`) : fault;
  };
}

function outageOf(
  service: Schedule["outages"][number]["service"],
  call: string,
  leftSeconds: number,
): CallFault | undefined {
  switch (service) {
    case "github":
      if (!call.startsWith("github.")) return undefined;
      return new ThrottledError("rate limit exceeded", { retryAfterSeconds: Math.ceil(leftSeconds) });
    case "slow github":
      return call.startsWith("github.") ? "slow" : undefined;
    case "table":
      return call.startsWith("table.") ? new TransientError(`${call} failed`) : undefined;
    default:
      return call === "microvms.run" ? new ThrottledError("no room", { reason: service }) : undefined;
  }
}

/** What happened in a world that broke a promise, for a person to read. */
export function tell(schedule: Schedule, broken: readonly string[], world: World): string {
  return [`schedule ${JSON.stringify(schedule)}`, ...world.log, "broken:", ...broken].join("\n");
}
