/**
 * The whole control plane in virtual time: the real handlers, flows and core over ports in memory, with GitHub's rules,
 * a queue that delivers at least once, and MicroVMs that boot, run a job and die. Everything follows from the options.
 */

import { createLogger } from "../../contract/log.ts";
import { NOBODY_WAITS } from "../../dispatcher/core/fair-places.ts";
import { isForksPullRequest } from "../../dispatcher/core/fork.ts";
import { NO_HOLD } from "../../dispatcher/core/runner-hold.ts";
import { NO_RELEASES } from "../../dispatcher/core/runner-releases.ts";
import { CallGate } from "./call-gate.ts";
import { createClassParameter } from "./class-parameter.ts";
import { createEventSource, VISIBILITY_SECONDS } from "./event-source.ts";
import { Tally } from "./events.ts";
import { createFunctionUrl } from "./function-url.ts";
import { playGuests } from "./guest.ts";
import { createLambda } from "./lambda.ts";
import type { Parts } from "./parts.ts";
import { keepQueueTimes } from "./queue-times.ts";
import { createRandom } from "./random.ts";
import { remembered } from "./remembered.ts";
import { functionEnvironment } from "./services/function-environment.ts";
import { createMemoryCapacity } from "./services/memory-capacity.ts";
import { createMemoryCell } from "./services/memory-cell.ts";
import { createMemoryDeployment } from "./services/memory-deployment.ts";
import { createMemoryGitHub } from "./services/memory-github.ts";
import { createMemoryJobStore } from "./services/memory-job-store.ts";
import { createMemoryMicrovms } from "./services/memory-microvms.ts";
import { createMemoryPace } from "./services/memory-pace.ts";
import { createMemoryQueue } from "./services/memory-queue.ts";
import { VirtualTime } from "./virtual-time.ts";
import { createWebhookSecrets } from "./webhook-secrets.ts";
import { playWebhooks } from "./webhooks.ts";
import type { WorldOptions } from "./world-options.ts";

export type { DeliveryFate, WorldOptions } from "./world-options.ts";

export const LABELS = functionEnvironment.RUNNER_LABELS;

const RUNNER_GROUP = 7;

export type World = ReturnType<typeof createWorld>;

/** Makes a world in which nothing has happened yet. */
export function createWorld(options: WorldOptions) {
  const lines: string[] = [];
  const time = options.beside?.time ?? new VirtualTime(options.start);
  const terminateListeners: ((microvmId: string) => void)[] = [];
  const parts = partsOf(options, time, lines, (microvmId) => {
    for (const listener of terminateListeners) listener(microvmId);
  });
  const { github, microvms, tally } = parts;
  const eventSource = createEventSource(parts);
  const functionUrl = createFunctionUrl(parts, eventSource.wake);
  const finished = new Map<string, Date>();
  const finish: typeof functionUrl.finish = async (call) => {
    const taken = await functionUrl.finish(call);
    if (taken && !finished.has(call.launchId)) finished.set(call.launchId, time.now());
    return taken;
  };
  playWebhooks(parts, functionUrl);
  countJobEvents(parts);
  const outlasted = keepQueueTimes(parts);
  playGuests({ time, github, microvms, tally, finish }, (instance) => {
    return options.fateOfMicrovm?.(instance, parts.random) ?? { bootSeconds: 20, jobSeconds: 60 };
  });
  return {
    ...parts,
    log: lines,
    /** A delivery, and a finish call, as anybody could repeat them. */
    deliver: functionUrl.deliver,
    finish,
    /** When a launch's finish call was taken, by launch id. */
    finished,
    /** Jobs that GitHub gave up because they were in the queue for too long. */
    outlasted,
    /** Told of each TerminateMicrovm just before it takes effect. */
    onTerminate: (listener: (microvmId: string) => void) => void terminateListeners.push(listener),
  };
}

function countJobEvents({ github, tally, options }: Parts): void {
  github.onEvent(({ action, job }) => {
    if (action === "waiting") tally.note("held");
    if (action === "completed" && job.conclusion === "cancelled") tally.note("cancelled");
    if (action !== "queued") return;
    if (job.isPublic && isForksPullRequest(job.origin, job.repository)) tally.note("fork");
    if (options.skewSeconds) tally.note("clock skew");
  });
}

function partsOf(
  options: WorldOptions,
  time: VirtualTime,
  lines: string[],
  onTerminate: (microvmId: string) => void,
): Parts {
  const random = createRandom(options.seed);
  const tally = new Tally();
  const gate = new CallGate(time, tally, options.faults, options.delayOf);
  const { rate, maxAlive, tokenMemorySeconds } = options;
  const classes = createClassParameter();
  const microvms = createMemoryMicrovms({
    clock: time,
    ...(rate ? { rate } : {}),
    ...(maxAlive === undefined ? {} : { maxAlive }),
    ...(tokenMemorySeconds === undefined ? {} : { tokenMemorySeconds }),
    onEvent: (kind) => tally.note(kind),
  });
  const latenessOf = (delaySeconds: number): number => {
    const seconds = options.latenessOf?.(time.now(), random) ?? 0;
    if (seconds === 0) return 0;
    tally.note("message late");
    gate.excuseUntil(new Date(time.now().getTime() + (delaySeconds + seconds) * 1_000));
    return seconds;
  };
  return {
    options,
    environment: {
      ...functionEnvironment,
      ...(options.organizationRunners ? { RUNNER_GROUP_ID: RUNNER_GROUP } : {}),
      CLASSES_PARAM: classes.put(options.classes ?? {}),
      MAX_CONCURRENCY: options.maxConcurrency ?? 0,
      MAX_CONCURRENCY_PER_REPOSITORY: options.maxConcurrencyPerRepository ?? 0,
      ...options.environment,
    },
    time,
    random,
    tally,
    gate,
    lambda: createLambda(time, random, {
      ...(options.lambdaConcurrency === undefined ? {} : { concurrency: options.lambdaConcurrency }),
      skewSeconds: options.skewSeconds ?? 0,
    }),
    secrets: createWebhookSecrets(),
    github: options.beside?.github ?? gitHubOf(options, time, tally),
    microvms: {
      ...microvms,
      terminate(microvmId) {
        onTerminate(microvmId);
        return microvms.terminate(microvmId);
      },
    },
    queue: createMemoryQueue({
      clock: time,
      visibilityTimeoutSeconds: VISIBILITY_SECONDS,
      maxReceiveCount: 600,
      latenessOf,
    }),
    jobs: createMemoryJobStore(time, () => tally.note("record expired")),
    pace: createMemoryPace(),
    capacity: createMemoryCapacity(),
    placesQueue: createMemoryCell(NOBODY_WAITS),
    placesOfClass: remembered(() => ({
      capacity: createMemoryCapacity(),
      placesQueue: createMemoryCell(NOBODY_WAITS),
    })),
    deployment: createMemoryDeployment(),
    hold: createMemoryCell(NO_HOLD),
    holdOfImage: remembered(() => createMemoryCell(NO_HOLD)),
    classes,
    releases: createMemoryCell(NO_RELEASES),
    logOf: (name) =>
      createLogger((line) => {
        lines.push(`${time.now().toISOString()} ${line}`);
        options.observer?.line(name, time.now(), line);
      }),
  };
}

function gitHubOf({ repositories, addsLabels = false }: WorldOptions, clock: VirtualTime, tally: Tally) {
  return createMemoryGitHub({ clock, repositories, addsLabels, onWithheld: () => tally.note("nothing assigned") });
}
