import type { Logger } from "../../contract/log.ts";
import type { RefreshEnvironment } from "../../contract/refresh-environment.ts";
import type { RefreshPlan } from "../core/refresh-knowledge.ts";
import type { RefreshState } from "../core/refresh-state.ts";
import type { OtherImage } from "../core/refresh-turn.ts";
import type { RunnerHold } from "../core/runner-hold.ts";
import type { RunnerReleases } from "../core/runner-releases.ts";
import type { BuiltImage, Cell, Clock, CodeBucket, Reach } from "../ports.ts";

/** What looking after the image needs of the world. */
export interface RefreshDeps {
  environment: RefreshEnvironment;
  image: BuiltImage;
  code: CodeBucket;
  state: Cell<RefreshState>;
  releases: { read(): Promise<RunnerReleases> };
  /** Launches that are held, if they are. */
  hold: Cell<RunnerHold>;
  /** The deployment's other images. */
  others(): Promise<OtherImage[]>;
  reach: Reach;
  clock: Clock;
  log: Logger;
}

/** What a run of the function came to. */
export interface RefreshResult {
  /** The plan that was carried out, or that is due where nothing may be changed. */
  outcome: RefreshPlan["kind"] | "due" | "put-off" | "unreachable" | "no-context";
  rule?: string;
  imageVersion?: string;
}
