import type { Logger } from "../../contract/log.ts";
import { createLogger } from "../../contract/log.ts";
import type { LaunchMessage } from "../../contract/messages.ts";
import { NOBODY_WAITS } from "../../dispatcher/core/fair-places.ts";
import { NO_HOLD } from "../../dispatcher/core/runner-hold.ts";
import { NO_RELEASES } from "../../dispatcher/core/runner-releases.ts";
import type { DispatcherDeps, FlowContext } from "../../dispatcher/flows/deps.ts";
import { functionEnvironment } from "../../lab/world/services/function-environment.ts";
import { createManualClock } from "../../lab/world/services/manual-clock.ts";
import { createMemoryCapacity } from "../../lab/world/services/memory-capacity.ts";
import { createMemoryCell } from "../../lab/world/services/memory-cell.ts";
import { createMemoryDeployment } from "../../lab/world/services/memory-deployment.ts";
import { createMemoryGitHub } from "../../lab/world/services/memory-github.ts";
import { createMemoryJobStore } from "../../lab/world/services/memory-job-store.ts";
import { createMemoryMicrovms } from "../../lab/world/services/memory-microvms.ts";
import { createMemoryPace } from "../../lab/world/services/memory-pace.ts";
import { createMemoryQueue } from "../../lab/world/services/memory-queue.ts";
import { classPorts } from "./class-ports.ts";

export const SHOP = "acme/shop";

/** The dispatcher's flows over services in memory, with a clock that moves only when it is told to. */
export function createFlowBench(maxConcurrency = 0) {
  const clock = createManualClock();
  const github = createMemoryGitHub({ clock, repositories: [SHOP] });
  const microvms = createMemoryMicrovms({ clock });
  const queue = createMemoryQueue({ clock });
  const jobs = createMemoryJobStore();
  const capacity = createMemoryCapacity();
  const lines: string[] = [];
  const log: Logger = createLogger((line) => lines.push(line));
  const deps: DispatcherDeps = {
    environment: { ...functionEnvironment, MAX_CONCURRENCY: maxConcurrency },
    region: "eu-west-1",
    ...{ jobs, capacity, microvms, queue, clock, log },
    pace: createMemoryPace(),
    placesQueue: createMemoryCell(NOBODY_WAITS),
    deployment: createMemoryDeployment(),
    hold: createMemoryCell(NO_HOLD),
    ...classPorts(),
    releases: createMemoryCell(NO_RELEASES),
    secret: async () => ({ webhook_secrets: ["secret"], github_app: { app_id: "1", private_key: "key" } }),
    github: async () => github,
    sleep: async () => undefined,
    random: () => 0,
  };
  let attempts = 0;
  const context = (): FlowContext => ({
    holder: `attempt-${++attempts}`,
    deadline: new Date(clock.now().getTime() + 30_000),
    retried: false,
    log,
  });
  const events = () => lines.map((line) => (JSON.parse(line) as { event: string }).event);
  return { deps, clock, github, microvms, queue, jobs, capacity, context, events, lines };
}

/** The message of a job's `queued` delivery. */
export function launchOf(jobId: number, deliveryId = `delivery-${jobId}`): LaunchMessage {
  const labels = functionEnvironment.RUNNER_LABELS;
  return { type: "launch", jobId, runId: jobId * 10, repository: SHOP, labels, deliveryId };
}
