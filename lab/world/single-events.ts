import { NotFoundError, NotInstalledError, RefusedError, TransientError } from "../../dispatcher/errors.ts";
import type { FaultSource } from "./call-gate.ts";
import type { Scenario } from "./scenarios.ts";
import { delayOfCall } from "./schedules.ts";
import { LABELS, type World, type WorldOptions } from "./world.ts";

const SHOP = "acme/shop";
const SITE = "acme/site";
const START = new Date("2026-01-01T00:00:00Z").getTime();

/** A time, in seconds from the start, in which calls of that name about that repository are answered by an error. */
export function answered(
  name: RegExp,
  error: () => Error,
  { from, until, repository }: { from: number; until: number; repository?: string },
): FaultSource {
  return (call, now) => {
    const second = (now.getTime() - START) / 1_000;
    if (second < from || second >= until || !name.test(call.name)) return undefined;
    if (repository !== undefined && call.repository !== repository) return undefined;
    const fault = error();
    if (fault instanceof RefusedError || fault instanceof NotFoundError || fault instanceof TransientError)
      return fault;
    throw fault;
  };
}

/** Queues a job so many seconds from now. */
export function queueAt(world: World, second: number, id: number, repository = SHOP): void {
  world.time.after(second, () => world.github.queueJob({ id, repository, labels: LABELS }));
}

const short: WorldOptions["alter"] = (deps) => ({
  ...deps,
  environment: { ...deps.environment, MAX_DURATION_SECONDS: 600 },
});
const refused = (status: number) => () => new RefusedError("GitHub refused", { details: { status } });
const dyingFirst =
  (count: number, jobSeconds = 60): NonNullable<WorldOptions["fateOfMicrovm"]> =>
  ({ input }) => ({
    ...{ bootSeconds: 20, jobSeconds },
    ...(Number(/-(\d+)$/.exec(input.clientToken)?.[1]) <= count ? { diesAfterSeconds: 10 } : {}),
  });

/**
 * What GitHub, AWS and their administrators do in one deployment: each once, so that a fault at any call of it is
 * tried.
 */
export const SINGLE_EVENTS: readonly Scenario[] = [
  {
    name: "a job that waits for an approval while its MicroVM boots",
    play(world) {
      queueAt(world, 0, 11);
      world.time.after(3, () => world.github.holdJob(11));
      world.time.after(900, () => world.github.releaseJob(11));
    },
  },
  {
    name: "two jobs of one concurrency group",
    play(world) {
      queueAt(world, 0, 11);
      queueAt(world, 1, 12);
      world.time.after(1.1, () => world.github.holdJob(12));
      world.github.onEvent(({ action, job }) => {
        if (action === "completed" && job.id === 11) world.github.releaseJob(12);
      });
    },
  },
  {
    name: "a job that is cancelled while it waits for an approval",
    play(world) {
      queueAt(world, 0, 11);
      world.time.after(3, () => world.github.holdJob(11));
      world.time.after(600, () => world.github.cancelJob(11));
    },
  },
  {
    name: "GitHub that gives out no job for eight minutes",
    play(world) {
      queueAt(world, 0, 11);
      world.time.after(0, () => world.github.setAssigning(false));
      world.time.after(480, () => world.github.setAssigning(true));
    },
  },
  {
    name: "a repository that GitHub refuses for three minutes",
    base: answered(/^github\./, refused(403), { from: 0, until: 180, repository: SHOP }),
    excused: true,
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a repository that the App does not reach any more while its job runs",
    base: answered(/^github\./, () => new NotInstalledError("not installed"), {
      from: 40,
      until: 1e9,
      repository: SHOP,
    }),
    excused: true,
    unservable: true,
    options: {
      fateOfDelivery: ({ action }) =>
        action === "completed" ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 },
      redelivers: ({ action }) => action !== "completed",
    },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "an App that is suspended for three minutes",
    base: answered(/^github\./, refused(403), { from: 10, until: 190 }),
    excused: true,
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "an App whose key is revoked and replaced three minutes later",
    base: answered(/^(github|hooks)\./, refused(401), { from: 0, until: 180 }),
    excused: true,
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "RunMicrovm that is denied for three minutes",
    base: answered(/^microvms\.run/, refused(403), { from: 0, until: 180 }),
    excused: true,
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a parameter store that is away for three minutes",
    base: answered(/^ssm\./, () => new TransientError("no answer"), { from: 0, until: 180 }),
    excused: true,
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a MicroVM whose two successors die as well",
    options: { fateOfMicrovm: dyingFirst(3) },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a job that reaches the maximum duration",
    options: { alter: short, fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 900 }) },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "a MicroVM that hangs until the service ends it",
    options: { alter: short, fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 900, hangs: true }) },
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "functions that are throttled for two minutes",
    options: { lambdaConcurrency: 10, workers: 5, delayOf: delayOfCall },
    play(world) {
      world.lambda.occupy(10);
      queueAt(world, 0, 11);
      world.time.after(120, () => world.lambda.occupy(0));
    },
  },
  {
    name: "messages that SQS shows two minutes late",
    options: { latenessOf: () => 120 },
    excused: true,
    play: (world) => queueAt(world, 0, 11),
  },
  {
    name: "clocks that differ",
    options: { skewSeconds: 3, gitHubSkewSeconds: 45 },
    play(world) {
      queueAt(world, 0, 11);
      queueAt(world, 2, 12);
    },
  },
  {
    name: "an account with room for one MicroVM",
    options: { maxAlive: 1, rate: { perSecond: 1, burst: 1 } },
    play(world) {
      queueAt(world, 0, 11);
      queueAt(world, 1, 12);
    },
  },
  {
    name: "a webhook secret that is rotated while a job runs",
    play(world) {
      queueAt(world, 0, 11);
      world.time.after(10, () => world.secrets.add());
      world.time.after(40, () => world.secrets.use());
      world.time.after(60, () => world.secrets.drop());
    },
  },
  {
    name: "two webhooks of which the first refuses to be listed, and a lost delivery of the second",
    options: {
      repositories: [SHOP, SITE],
      hooks: [
        { hook: { kind: "repository", repository: SITE, hookId: 1 }, refuses: () => refused(403)() },
        { hook: { kind: "repository", repository: SHOP, hookId: 2 } },
      ],
      fateOfDelivery: ({ action }) => (action === "queued" ? { kind: "lost" } : { kind: "arrives", afterSeconds: 1 }),
    },
    play(world) {
      queueAt(world, 0, 11);
      // The refusing one has something to send again as well.
      world.time.after(1, () => {
        world.github.queueJob({ id: 12, repository: SITE, labels: ["self-hosted", "gpu"] });
        world.github.cancelJob(12);
      });
    },
  },
];
