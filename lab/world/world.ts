/**
 * The whole control plane in virtual time: the real handlers, flows and core over ports in memory, with GitHub's rules, a
 * queue that delivers at least once, and MicroVMs that boot, run a job and die. Everything follows from the options.
 */
import { createHmac } from "node:crypto";
import type { SQSRecord } from "aws-lambda";
import type { FinishCall } from "../../contract/finish-call.ts";
import { createLogger } from "../../contract/log.ts";
import type { DispatcherDeps } from "../../dispatcher/flows/deps.ts";
import { handleBatch } from "../../dispatcher/flows/handle-message.ts";
import { receiveRequest } from "../../dispatcher/flows/receive-request.ts";
import { rememberRecent } from "../../dispatcher/recent.ts";
import { cacheSecret } from "../../dispatcher/secret-cache.ts";
import { CallGate, type FaultSource, type Invocation } from "./call-gate.ts";
import { type GuestFate, playGuests } from "./guest.ts";
import { createRandom } from "./random.ts";
import { playRedelivery } from "./redelivery.ts";
import { functionEnvironment } from "./services/function-environment.ts";
import { functionUrlEvent } from "./services/function-url-event.ts";
import { createMemoryCapacity } from "./services/memory-capacity.ts";
import { createMemoryGitHub, type JobEvent } from "./services/memory-github.ts";
import { createMemoryJobStore } from "./services/memory-job-store.ts";
import { createMemoryMicrovms, type MicrovmInstance } from "./services/memory-microvms.ts";
import { createMemoryPace } from "./services/memory-pace.ts";
import { createMemoryQueue, type ReceivedMessage } from "./services/memory-queue.ts";
import { VirtualTime } from "./virtual-time.ts";

export const LABELS = functionEnvironment.RUNNER_LABELS;
const SECRET = "the webhook secret of this world";

/** How a delivery fares on its way. */
export type DeliveryFate = { kind: "arrives"; afterSeconds: number; copies?: number } | { kind: "lost" };

export interface WorldOptions {
  seed: number;
  repositories: readonly string[];
  maxConcurrency?: number;
  /** Runners belong to the organization and serve all of its repositories. */
  organizationRunners?: boolean;
  /** RunMicrovm's own limit. */
  rate?: { perSecond: number; burst: number };
  /** The account's memory quota, as a number of MicroVMs. */
  maxAlive?: number;
  faults?: FaultSource;
  fateOfMicrovm?(instance: MicrovmInstance, random: () => number): GuestFate;
  fateOfDelivery?(event: JobEvent, random: () => number): DeliveryFate;
  /** What a test takes away to see that something misses it. */
  alter?(deps: DispatcherDeps): DispatcherDeps;
  /** Whether GitHub is asked to deliver a failed delivery again; it is by default. */
  redelivers?(event: JobEvent): boolean;
  /** Invocations of the dispatcher at once. */
  workers?: number;
}

export type World = ReturnType<typeof createWorld>;

const BATCH = 5;
const TIMEOUT_SECONDS = 30;

/** Makes a world in which nothing has happened yet. */
export function createWorld(options: WorldOptions) {
  const time = new VirtualTime();
  const random = createRandom(options.seed);
  const gate = new CallGate(time, options.faults);
  const github = createMemoryGitHub({
    clock: time,
    repositories: options.repositories,
    organizationRunners: options.organizationRunners ?? false,
  });
  const microvms = createMemoryMicrovms({
    clock: time,
    ...(options.rate ? { rate: options.rate } : {}),
    ...(options.maxAlive === undefined ? {} : { maxAlive: options.maxAlive }),
  });
  const queue = createMemoryQueue({ clock: time, visibilityTimeoutSeconds: TIMEOUT_SECONDS * 6, maxReceiveCount: 300 });
  const jobs = createMemoryJobStore();
  const pace = createMemoryPace();
  const capacity = createMemoryCapacity();
  const terminateListeners: ((microvmId: string) => void)[] = [];
  const watchedMicrovms = {
    ...microvms,
    terminate(microvmId: string) {
      for (const listener of terminateListeners) listener(microvmId);
      return microvms.terminate(microvmId);
    },
  };
  const log: string[] = [];
  const logger = createLogger((line) => log.push(`${time.now().toISOString()} ${line}`));
  let invocations = 0;

  const environment = { ...functionEnvironment, MAX_CONCURRENCY: options.maxConcurrency ?? 0 };

  function depsFor(invocation: Invocation): DispatcherDeps {
    const guard = <Port extends object>(name: string, port: Port) => gate.guard(name, port, invocation);
    const secret = guard("ssm", {
      get: async () => ({ webhook_secrets: [SECRET], github_app: { app_id: "1", private_key: "k" } }),
    });
    const deps: DispatcherDeps = {
      environment,
      region: "eu-west-1",
      jobs: guard("table", jobs),
      pace: guard("table", pace),
      capacity: guard("table", capacity),
      microvms: guard("microvms", watchedMicrovms),
      queue: guard("queue", queue),
      secret: () => secret.get(),
      github: async () => guard("github", github),
      clock: time,
      sleep: (ms) => time.sleep(ms),
      random,
      log: logger,
    };
    return options.alter?.(deps) ?? deps;
  }

  // The function URL: one invocation of the webhook function, which may die like any other.
  function request(event: ReturnType<typeof functionUrlEvent>): Promise<boolean> {
    return new Promise((resolve) => {
      const invocation: Invocation = { dead: false, kill: () => {}, duplicate: () => {} };
      invocation.kill = () => {
        invocation.dead = true;
        resolve(false);
      };
      const secrets = gate.guard("ssm", { get: async () => [SECRET] }, invocation);
      const deps = {
        environment,
        secrets: cacheSecret(time, () => secrets.get()),
        queue: gate.guard("queue", queue, invocation),
        // Every request meets another execution environment, which remembers nothing.
        finished: rememberRecent(1),
        clock: time,
        log: logger,
      };
      void receiveRequest(deps, event).then((answer) => {
        wake();
        resolve(typeof answer === "object" && (answer.statusCode ?? 200) < 300);
      });
    });
  }

  function deliver(body: string, deliveryId: string): Promise<boolean> {
    const signature = createHmac("sha256", SECRET).update(body).digest("hex");
    const headers = {
      "content-type": "application/json",
      "x-github-event": "workflow_job",
      "x-github-delivery": deliveryId,
      "x-hub-signature-256": `sha256=${signature}`,
    };
    return request(functionUrlEvent({ body, headers }));
  }

  function finish(call: FinishCall): Promise<boolean> {
    return request(functionUrlEvent({ path: "/finish", body: JSON.stringify(call) }));
  }

  const redelivery = playRedelivery({ time, gate, log: logger, deliver });
  let deliveries = 0;
  github.onEvent((event) => {
    const body = payloadOf(event);
    const guid = `delivery-${++deliveries}`;
    const note = (statusCode: number) => {
      if (options.redelivers?.(event) !== false) redelivery.note(guid, event.action, body, statusCode);
    };
    const fate = options.fateOfDelivery?.(event, random) ?? { kind: "arrives", afterSeconds: 1 };
    if (fate.kind === "lost") return note(0);
    for (let copy = 0; copy < (fate.copies ?? 1); copy++) {
      time.after(fate.afterSeconds * (1 + copy), () => {
        void deliver(body, guid).then((taken) => note(taken ? 202 : 500));
      });
    }
  });

  // The event source mapping: up to so many batches at once, polled whenever something may have become visible.
  let running = 0;
  let wakeAt = Number.POSITIVE_INFINITY;
  function poll(): void {
    while (running < (options.workers ?? 10)) {
      const messages = queue.receive(BATCH);
      if (messages.length === 0) break;
      running++;
      void invoke(messages).then(() => {
        running--;
        wake();
      });
    }
    wake();
  }

  function wake(): void {
    const next = queue.nextVisibleAt();
    if (next === undefined || running >= (options.workers ?? 10)) return;
    const at = Math.max(next.getTime(), time.now().getTime());
    if (at >= wakeAt) return;
    wakeAt = at;
    time.after((at - time.now().getTime()) / 1_000, () => {
      if (wakeAt === at) wakeAt = Number.POSITIVE_INFINITY;
      poll();
    });
  }

  function invoke(messages: ReceivedMessage[]): Promise<void> {
    return new Promise((resolve) => {
      const requestId = `request-${++invocations}`;
      const invocation: Invocation = {
        dead: false,
        kill: () => {
          invocation.dead = true;
          resolve();
        },
        duplicate: () => {
          for (const message of messages) queue.duplicate(message.messageId);
        },
      };
      const deadline = new Date(time.now().getTime() + TIMEOUT_SECONDS * 1_000);
      time.after(TIMEOUT_SECONDS, () => {
        if (!invocation.dead) invocation.kill();
      });
      const event = { Records: messages.map(recordOf) };
      void handleBatch(depsFor(invocation), { requestId, deadline }, event).then((response) => {
        if (invocation.dead) return;
        invocation.dead = true;
        const back = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const message of messages) if (!back.has(message.messageId)) queue.delete(message.receiptHandle);
        resolve();
      });
    });
  }

  playGuests({ time, github, microvms, finish }, (instance) => {
    return options.fateOfMicrovm?.(instance, random) ?? { bootSeconds: 20, jobSeconds: 60 };
  });

  return {
    time,
    random,
    gate,
    github,
    microvms,
    queue,
    jobs,
    capacity,
    log,
    options,
    /** A delivery, and a finish call, as anybody could repeat them. */
    deliver,
    finish,
    /** Told of each TerminateMicrovm just before it takes effect. */
    onTerminate: (listener: (microvmId: string) => void) => void terminateListeners.push(listener),
  };
}

function recordOf(message: ReceivedMessage): SQSRecord {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt.getTime()),
      SenderId: "lab",
      ApproximateFirstReceiveTimestamp: String(message.sentAt.getTime()),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:gha-jobs",
    awsRegion: "eu-west-1",
  };
}

function payloadOf({ action, job }: JobEvent): string {
  return JSON.stringify({
    action,
    workflow_job: {
      id: job.id,
      run_id: job.runId,
      labels: job.labels,
      runner_name: job.runnerName,
      conclusion: job.conclusion,
    },
    repository: { full_name: job.repository, private: !job.isPublic },
  });
}
