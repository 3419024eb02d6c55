/** Everything that travels through the jobs queue. */
import * as v from "valibot";
import { runnerProblem } from "./finish-call.ts";
import { id, launchId, repository, runnerVersion } from "./values.ts";

const instant = v.optional(v.pipe(v.string(), v.isoTimestamp()));

const copied = {
  /** Set on the copy of a message whose handling was put off: an attempt at it has been made. */
  again: v.optional(v.literal(true)),
  /** Since when it waits; absent: since it was sent. Of a launch: since GitHub queued the job. */
  since: instant,
  /** When it was last logged that it waits. */
  toldAt: instant,
};

const launchNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A job that GitHub queued and that is ours to serve. */
export const launchMessage = v.object({
  type: v.literal("launch"),
  jobId: id,
  runId: id,
  repository,
  labels: v.pipe(v.array(v.pipe(v.string(), v.maxLength(256))), v.maxLength(100)),
  /** `X-GitHub-Delivery` of the delivery that brought the job. */
  deliveryId: v.pipe(v.string(), v.maxLength(64)),
  /** Present when the delivery came from the App's own webhook. */
  installationId: v.optional(id),
  /** Everybody may fork the repository and open a pull request. */
  isPublic: v.optional(v.literal(true)),
  /**
   * The classes of runners by which the webhook function judged it, as its CLASSES_PARAM names them; absent: there are
   * none.
   */
  classes: v.optional(v.pipe(v.string(), v.maxLength(2_048))),
  /** How often the dispatcher, which knew another version of them, found none that serves it. */
  misses: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** Name of the job's workflow, for logs. */
  workflow: v.optional(v.pipe(v.string(), v.maxLength(256))),
  /** Sent for a job that has had launches: why, and after which of them, so that a stray copy launches nothing. */
  relaunch: v.optional(v.object({ cause: v.optional(v.picklist(["probe", "recovery"])), after: launchNumber })),
  ...copied,
});

/** GitHub gave a job to a runner that was made for another. */
export const startedMessage = v.object({
  type: v.literal("started"),
  /** The job that started. */
  jobId: id,
  /** The launch whose runner has it. */
  launchId,
  ...copied,
});

/** A job is over, or a MicroVM says that its runner has exited. */
export const finishMessage = v.object({
  type: v.literal("finish"),
  source: v.picklist(["completed", "vm"]),
  /** The launch whose runner ran the job, which need not be the launch made for it; absent when the job never ran. */
  launchId: v.optional(launchId),
  /** The job that is over, and where it ran; absent in a MicroVM's call. */
  jobId: v.optional(id),
  runId: v.optional(id),
  repository: v.optional(repository),
  /** GitHub's conclusion, such as `success` or `cancelled`. */
  conclusion: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(32)))),
  /** When the job began to run and when it was over, by GitHub's clock. */
  ranFrom: instant,
  ranUntil: instant,
  /** What a MicroVM's call says about its runner: a hint, since a job could have sent it. */
  problem: v.optional(runnerProblem),
  runner: v.optional(runnerVersion),
  ...copied,
});

/** The timer that follows one job until it has run and nothing of it is left. */
export const watchMessage = v.object({
  type: v.literal("watch"),
  jobId: id,
  /** ISO 8601: the record says which `due` counts, so that a stray copy starts no second chain. */
  due: v.pipe(v.string(), v.isoTimestamp()),
  /** It comes before `due`, because SQS keeps no message back for so long, and only carries the moment. */
  early: v.exactOptional(v.literal(true)),
  ...copied,
});

/** Everything that travels through the jobs queue. */
export const queueMessage = v.variant("type", [launchMessage, startedMessage, watchMessage, finishMessage]);

export type LaunchMessage = v.InferOutput<typeof launchMessage>;

export type StartedMessage = v.InferOutput<typeof startedMessage>;

export type WatchMessage = v.InferOutput<typeof watchMessage>;

export type FinishMessage = v.InferOutput<typeof finishMessage>;

export type QueueMessage = v.InferOutput<typeof queueMessage>;
