/** Every drill: what can be out, and who is woken by it. */

import type { ThrottleReason } from "../../dispatcher/errors.ts";
import {
  AppRefusedError,
  NotFoundError,
  NotInstalledError,
  RefusedError,
  ThrottledError,
  TransientError,
} from "../../dispatcher/errors.ts";
import type { GuestFate } from "../world/guest.ts";
import type { WorldOptions } from "../world/world-options.ts";
import type { Drill, Outage } from "./drill.ts";

const failing =
  (
    calls: RegExp,
    error: (now: Date) => AppRefusedError | RefusedError | ThrottledError | TransientError | NotInstalledError,
  ) =>
  (outage: Outage): Partial<WorldOptions> => ({
    faults: ({ name }, now) => (outage.isOn(now) && calls.test(name) ? error(now) : undefined),
  });
const noRoom = (reason: ThrottleReason) => failing(/^microvms\.run/, () => new ThrottledError("no room", { reason }));
const answering =
  (status: number) =>
  ({ isOn }: Outage): Partial<WorldOptions> => ({ urlAnswers: (now) => (isOn(now) ? status : undefined) });
const mapping =
  (obstacle: ReturnType<NonNullable<WorldOptions["mapping"]>>) =>
  ({ isOn }: Outage): Partial<WorldOptions> => ({ mapping: (now) => (isOn(now) ? obstacle : undefined) });
const guests =
  (fate: Partial<GuestFate>) =>
  ({ isOn }: Outage): Partial<WorldOptions> => ({
    fateOfMicrovm: ({ startedAt }) => ({ bootSeconds: 20, jobSeconds: 240, ...(isOn(startedAt) ? fate : {}) }),
  });
/** GitHub's limit is a number of calls an hour, and its answer names the moment of the next. */
const untilNextHour = (now: Date) => 3_600 - Math.floor((now.getTime() / 1_000) % 3_600);

const OUT = { hours: 6 } as const;
/** Where each job that waits is looked at again and again, fewer of them show the same. */
const FEW = { jobs: "few" } as const;
/** The jobs of a whole day and of the nights around it. */
const PAUSES = { hoursBefore: 17.5, hoursAfter: 14, runs: 182 } as const;
const SOME = { jobs: 6 } as const;

export const DRILLS: readonly Drill[] = [
  { name: "quiet-night", says: "nothing goes wrong, at night", hours: 10, hour: 20, jobs: "night", alarms: {} },
  { name: "busy-day", says: "nothing goes wrong, by day", hours: 12, hour: 7, alarms: {} },
  { name: "no-jobs", says: "nothing goes wrong, and nobody queues a job", hours: 12, jobs: "none", alarms: {} },
  {
    ...{ name: "key-revoked", says: "the App's key is revoked", ...OUT, ...FEW, alarms: { denied: 10 } },
    options: failing(/^(github|hooks)\./, () => new AppRefusedError("GitHub does not accept the App's JWT")),
  },
  {
    ...{ name: "key-revoked-at-night", says: "the App's key is revoked while there are no jobs", ...OUT },
    ...{ jobs: "none" as const, alarms: { denied: 15 } },
    options: failing(/^(github|hooks)\./, () => new AppRefusedError("GitHub does not accept the App's JWT")),
  },
  {
    ...{ name: "permission-missing", says: "the App loses a permission", ...OUT, ...FEW, alarms: { denied: 30 } },
    options: failing(/^github\.registerRunner/, () => new RefusedError("Resource not accessible by integration")),
  },
  {
    ...{ name: "app-uninstalled", says: "the App is uninstalled", ...OUT, alarms: { denied: 15 }, losesJobs: true },
    options: failing(/^(github|hooks)\./, () => new NotInstalledError("the installation does not exist")),
  },
  {
    ...{ name: "launch-denied", says: "RunMicrovm is denied", ...OUT, ...SOME, alarms: { denied: 30 } },
    options: failing(/^microvms\.run/, () => new RefusedError("not authorized to perform: lambda:RunMicrovm")),
  },
  {
    ...{ name: "wrong-secret", says: "GitHub signs with another secret", ...OUT, alarms: { "deliveries-failing": 30 } },
    play({ time, secrets }, { from, until }) {
      const seconds = (at: Date) => (at.getTime() - time.now().getTime()) / 1_000;
      time.after(seconds(from), () => {
        secrets.add();
        secrets.drop();
      });
      time.after(seconds(until), () => secrets.use());
    },
  },
  {
    ...{ name: "url-closed", says: "the function URL answers 403", ...OUT, alarms: { "deliveries-failing": 30 } },
    options: answering(403),
  },
  {
    ...{ name: "webhook-throttled", says: "the webhook function is throttled", ...OUT },
    ...{ alarms: { "deliveries-failing": 30 } },
    options: answering(429),
  },
  {
    ...{ name: "webhook-failing", says: "the webhook function fails", ...OUT, alarms: { "deliveries-failing": 30 } },
    options: answering(502),
  },
  {
    ...{ name: "no-capacity", says: "the Region has no room", ...OUT, ...SOME, alarms: { "no-room": 45 } },
    options: noRoom("capacity"),
  },
  {
    ...{ name: "quota-used-up", says: "the memory quota is used up", ...OUT, ...SOME, alarms: { "no-room": 45 } },
    options: noRoom("quota"),
  },
  {
    ...{ name: "launches-throttled", says: "RunMicrovm is throttled", ...OUT, jobs: 3, alarms: { "no-room": 45 } },
    options: noRoom("rate"),
  },
  {
    ...{
      name: "image-gone",
      says: "no version of the image can be launched",
      ...OUT,
      ...SOME,
      alarms: { "image-unusable": 45 },
    },
    options: noRoom("image"),
  },
  {
    ...{ name: "github-down", says: "GitHub's API does not answer", ...OUT, alarms: { unavailable: 30 } },
    options: failing(/^(github|hooks)\./, () => new TransientError("no answer")),
  },
  {
    ...{ name: "table-down", says: "DynamoDB does not answer", ...OUT, alarms: { unavailable: 30 } },
    options: failing(/^table\./, () => new TransientError("no answer")),
  },
  {
    ...{ name: "parameters-down", says: "the parameter store does not answer", ...OUT },
    ...{ alarms: { "deliveries-failing": 30 }, mayFollow: ["unavailable"] },
    options: failing(/^ssm\./, () => new TransientError("no answer")),
  },
  {
    ...{ name: "github-limit", says: "GitHub's rate limit is used up", ...OUT, alarms: { "github-budget": 45 } },
    options: failing(
      /^(github|hooks)\./,
      (now) => new ThrottledError("throttled", { reason: "github-limit", retryAfterSeconds: untilNextHour(now) }),
    ),
  },
  {
    ...{ name: "dispatcher-failing", says: "the dispatcher function fails", ...OUT },
    ...{ alarms: { "dispatcher-failing": 20 } },
    options: mapping("failing"),
  },
  {
    ...{ name: "dispatcher-throttled", says: "the dispatcher function is throttled", ...OUT },
    ...{ alarms: { "dispatcher-failing": 20 } },
    options: mapping("throttled"),
  },
  {
    ...{ name: "mapping-disabled", says: "the event source mapping is disabled", ...OUT },
    ...{ alarms: { "queue-stuck": 32 } },
    options: mapping("disabled"),
  },
  {
    ...{ name: "runners-offline", says: "MicroVMs have no way to GitHub", ...OUT, ...SOME },
    ...{ alarms: { "launches-wasted": 30, "jobs-exhausted": 45 } },
    options: guests({ bootSeconds: 1e9, mute: true }),
  },
  {
    ...{ name: "microvms-dying", says: "MicroVMs die at boot", ...OUT, ...SOME },
    ...{ alarms: { "launches-wasted": 15, "jobs-exhausted": 20 } },
    options: guests({ diesAfterSeconds: 10 }),
  },
  {
    ...{ name: "nothing-assigned", says: "GitHub gives no job to idle runners", ...OUT, ...SOME },
    ...{ alarms: { "launches-wasted": 45 } },
    play({ time, github }, { from, until }) {
      const seconds = (at: Date) => (at.getTime() - time.now().getTime()) / 1_000;
      time.after(seconds(from), () => github.setAssigning(false));
      time.after(seconds(until), () => github.setAssigning(true));
    },
  },
  {
    ...{
      name: "runner-refused",
      says: "GitHub refuses the image's runner",
      ...OUT,
      ...SOME,
      alarms: { "runner-refused": 15 },
    },
    options: guests({ refused: "2.337.0" }),
  },
  {
    ...{ name: "jobs-cut-off", says: "jobs last longer than a MicroVM may", ...OUT, alarms: { "jobs-cut-off": 45 } },
    options: (outage) => ({
      ...guests({ jobSeconds: 7_200 })(outage),
      alter: (deps) => ({ ...deps, environment: { ...deps.environment, MAX_DURATION_SECONDS: 1_200 } }),
    }),
  },
  {
    ...{ name: "hook-gone", says: "a webhook that the module made is deleted", ...OUT },
    ...{ jobs: "none" as const, alarms: { "redeliver-failing": 20 } },
    options: ({ isOn }) => ({
      hooks: [
        {
          hook: { kind: "organization", organization: "acme", hookId: 1 },
          refuses: (now) => (isOn(now) ? new NotFoundError("no such hook") : undefined),
        },
      ],
    }),
  },
  {
    ...{ name: "schedule-stopped", says: "nobody invokes the redeliver function", ...OUT },
    ...{ alarms: { "redeliver-failing": 40 } },
    options: ({ isOn }) => ({ invokesRedeliver: (now) => !isOn(now) }),
  },
  {
    ...{ name: "refresh-failing", says: "builds of the image fail", ...OUT, hoursAfter: 60, jobs: "none" as const },
    ...{ alarms: { "image-refresh": 45 } },
    image: { buildsFail: true },
  },
  {
    ...{ name: "runner-aging", says: "the image keeps its runner for too long", hours: 96, jobs: "none" },
    ...{ alarms: { "runner-days-left": 75 * 60 } },
    image: { daysLeft: 23 },
  },
  {
    ...{ name: "prune-failing", says: "old versions of the image cannot be deleted", hours: 72, hoursAfter: 100 },
    ...{ jobs: "none", alarms: { "prune-failed": 26 * 60 } },
    image: { deletionsRefused: true },
  },
  {
    ...{ name: "no-capacity-all-day", says: "the Region has no room for 16 hours", hours: 16, jobs: 1 },
    ...{ alarms: { "no-room": 45, "jobs-expiring": 12 * 60 + 15 } },
    options: noRoom("capacity"),
  },
  {
    ...{ name: "given-up", says: "TerminateMicrovm is denied for two days", hours: 48, jobs: 3 },
    ...{ alarms: { denied: 30, "jobs-expiring": 12 * 60 + 15, "dead-letters": 44 * 60 }, mayFollow: ["jobs-cut-off"] },
    options: failing(/^microvms\.terminate/, () => new RefusedError("not authorized: lambda:TerminateMicrovm")),
  },
];

/** What happens all the time, and wakes nobody. */
export const BLIPS: readonly Drill[] = [
  {
    ...{ name: "paused-by-terraform", says: "launches are paused for six hours", ...OUT, ...PAUSES, alarms: {} },
    options: ({ isOn }) => ({
      alter: (deps) => ({ ...deps, environment: { ...deps.environment, PAUSED: isOn(deps.clock.now()) } }),
    }),
  },
  {
    ...{ name: "paused-by-command", says: "somebody pauses launches for six hours", ...OUT, ...PAUSES, alarms: {} },
    play({ time, pace }, { from, until }) {
      const seconds = (at: Date) => (at.getTime() - time.now().getTime()) / 1_000;
      time.after(seconds(from), () => pace.setPaused({ by: "somebody", at: from.toISOString(), why: "a drill" }));
      time.after(seconds(until), () => pace.setPaused(undefined));
    },
  },
  {
    ...{ name: "github-away-10-minutes", says: "GitHub does not answer for ten minutes", hours: 1 / 6, alarms: {} },
    options: failing(/^(github|hooks)\./, () => new TransientError("no answer")),
  },
  {
    ...{ name: "no-capacity-20-minutes", says: "the Region has no room for twenty minutes", hours: 1 / 3, alarms: {} },
    options: noRoom("capacity"),
  },
  {
    ...{ name: "image-updating", says: "the image is being built for 14 minutes", hours: 14 / 60, alarms: {} },
    options: noRoom("image"),
  },
  {
    ...{
      name: "webhook-failing-5-minutes",
      says: "the webhook function fails for five minutes",
      hours: 1 / 12,
      alarms: {},
    },
    options: answering(502),
  },
  {
    ...{ name: "table-away-3-minutes", says: "DynamoDB does not answer for three minutes", hours: 1 / 20, alarms: {} },
    options: failing(/^table\./, () => new TransientError("no answer")),
  },
  {
    ...{ name: "one-in-ten-dies", says: "one MicroVM in ten dies", ...OUT, alarms: {} },
    options: ({ isOn }) => ({
      fateOfMicrovm: ({ startedAt }, random) => ({
        ...{ bootSeconds: 20, jobSeconds: 240 },
        ...(isOn(startedAt) && random() < 0.1 ? { diesAfterSeconds: 10 } : {}),
      }),
    }),
  },
  {
    ...{
      name: "max-concurrency-1",
      says: "one MicroVM at once is all that the module was allowed",
      ...OUT,
      alarms: {},
    },
    options: () => ({ maxConcurrency: 1, fateOfMicrovm: () => ({ bootSeconds: 20, jobSeconds: 120 }) }),
  },
  {
    ...{
      name: "a-third-cancelled",
      says: "a third of the jobs is cancelled at boot",
      ...OUT,
      alarms: {},
      losesJobs: true,
    },
    play({ github, time }, { isOn }) {
      github.onEvent(({ action, job }) => {
        if (action !== "queued" || job.id % 3 !== 0 || !isOn(time.now())) return;
        time.after(10, () => github.cancelJob(job.id));
      });
    },
  },
];
