import type { DispatcherEnvironment, WebhookEnvironment } from "../../contract/environment.ts";
import type { Logger } from "../../contract/log.ts";
import type { PlacesQueue } from "../../dispatcher/core/fair-places.ts";
import type { RunnerHold } from "../../dispatcher/core/runner-hold.ts";
import type { RunnerReleases } from "../../dispatcher/core/runner-releases.ts";
import type { CallGate } from "./call-gate.ts";
import type { ClassParameter } from "./class-parameter.ts";
import type { Tally } from "./events.ts";
import type { Lambda } from "./lambda.ts";
import type { MemoryCapacity } from "./services/memory-capacity.ts";
import type { MemoryCell } from "./services/memory-cell.ts";
import type { MemoryDeployment } from "./services/memory-deployment.ts";
import type { MemoryGitHub } from "./services/memory-github.ts";
import type { MemoryJobStore } from "./services/memory-job-store.ts";
import type { MemoryMicrovms } from "./services/memory-microvms.ts";
import type { MemoryPace } from "./services/memory-pace.ts";
import type { MemoryQueue } from "./services/memory-queue.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { WebhookSecrets } from "./webhook-secrets.ts";
import type { WorldOptions } from "./world-options.ts";

/** What a world is made of before its functions are put into it. */
export interface Parts {
  options: WorldOptions;
  environment: WebhookEnvironment & DispatcherEnvironment;
  time: VirtualTime;
  random: () => number;
  tally: Tally;
  gate: CallGate;
  lambda: Lambda;
  secrets: WebhookSecrets;
  github: MemoryGitHub;
  microvms: MemoryMicrovms;
  queue: MemoryQueue;
  jobs: MemoryJobStore;
  pace: MemoryPace;
  capacity: MemoryCapacity;
  placesQueue: MemoryCell<PlacesQueue>;
  placesOfClass(name: string): { capacity: MemoryCapacity; placesQueue: MemoryCell<PlacesQueue> };
  deployment: MemoryDeployment;
  hold: MemoryCell<RunnerHold>;
  holdOfImage(image: string): MemoryCell<RunnerHold>;
  classes: ClassParameter;
  releases: MemoryCell<RunnerReleases>;
  /** The log of one of the functions. */
  logOf(name: string): Logger;
}
