/** The functions that look after the image, while a drill is played: none of them needs a job. */
import { createLogger } from "../../contract/log.ts";
import { noteReleases } from "../../dispatcher/core/runner-releases.ts";
import type { ImageVersion } from "../../dispatcher/core/views.ts";
import { RefusedError } from "../../dispatcher/errors.ts";
import { pruneVersions } from "../../dispatcher/flows/prune-versions.ts";
import { refresh } from "../../dispatcher/flows/refresh.ts";
import { createMemoryImageVersions } from "../world/services/memory-image-versions.ts";
import { checksumOf, createRefreshBench, refreshEnvironment } from "../world/services/refresh-bench.ts";
import type { World } from "../world/world.ts";
import type { Observer } from "../world/world-options.ts";
import type { ImageFate, Outage } from "./drill.ts";

const REFRESH_SECONDS = 900;
const PRUNE_SECONDS = 24 * 3_600;
const DAY_MS = 24 * 3_600_000;
const SOAKED_MS = 4 * DAY_MS;
const RUNNER = "2.337.0";
const NEXT = "2.338.0";
/**
 * With fewer GitHub's date would come near in any case; with more than twice an alarm's bound its doubling would not
 * show.
 */
const DAYS_LEFT = 30;

/** Invokes both functions as their schedules do. */
export function playImage(
  world: World,
  observer: Observer,
  { daysLeft = DAYS_LEFT, buildsFail = false, deletionsRefused = false }: ImageFate,
  outage: Outage,
): void {
  playRefresh(world, observer, { daysLeft, buildsFail }, outage);
  playPrune(world, observer, deletionsRefused, outage);
}

function playRefresh(
  { time }: World,
  observer: Observer,
  { daysLeft, buildsFail }: Required<Pick<ImageFate, "daysLeft" | "buildsFail">>,
  outage: Outage,
): void {
  const bench = createRefreshBench({
    clock: time,
    // A build that fails is one that was begun: otherwise the image is pinned and nothing is built.
    environment: buildsFail ? {} : { MODE: "watch", IMAGE_VERSION: "1.0" },
    fails: ({ version }) => (version !== "1.0" && outage.isOn(time.now()) ? "exit code 1" : undefined),
  });
  bench.apply(RUNNER);
  const log = createLogger((line) => observer.line("refresh", time.now(), line));
  const beginMs = outage.from.getTime();
  const run = async () => {
    const isOut = buildsFail && outage.isOn(time.now());
    const newest = { version: isOut ? NEXT : RUNNER, sha256: checksumOf(isOut ? NEXT : RUNNER) };
    const refusedFromMs = { [RUNNER]: beginMs + daysLeft * DAY_MS + DAY_MS / 2, [NEXT]: null };
    // A release that was seen for the first time some days ago is taken at once.
    const seenAt = new Date(time.now().getTime() - SOAKED_MS);
    await bench.releases.update((known) => ({
      ...noteReleases(known, { newest, enforced: true, refusedFromMs }, seenAt),
      checkedMs: time.now().getTime(),
    }));
    await refresh({ ...bench.deps, log }, { rebuild: false }).catch(() => undefined);
    time.after(REFRESH_SECONDS, () => void run());
  };
  time.after(60, () => void run());
}

function playPrune({ time }: World, observer: Observer, isRefused: boolean, outage: Outage): void {
  const createdAt = new Date(time.now().getTime() - 7 * DAY_MS);
  const versions = ["1.0", "2.0", "3.0", "4.0", "5.0"].map(
    (version): ImageVersion => ({ version, state: "SUCCESSFUL", status: "ACTIVE", createdAt }),
  );
  const images = createMemoryImageVersions({ clock: time, imageArn: refreshEnvironment.IMAGE_ARN, versions });
  const log = createLogger((line) => observer.line("prune", time.now(), line));
  images.failBy((operation) =>
    operation === "delete" && isRefused && outage.isOn(time.now()) ? new RefusedError("it is locked") : undefined,
  );
  const run = async () => {
    const deps = {
      environment: { IMAGE_VERSIONS_KEPT: 3 },
      image: { arn: refreshEnvironment.IMAGE_ARN, pinned: [] },
      ...{ images, clock: time, sleep: (ms: number) => time.sleep(ms), log },
    };
    const deadline = new Date(time.now().getTime() + 870_000);
    await pruneVersions(deps, deadline).then(
      () => observer.invoked("prune", time.now(), "ended"),
      () => observer.invoked("prune", time.now(), "failed"),
    );
    time.after(PRUNE_SECONDS, () => void run());
  };
  time.after(3 * 3_600, () => void run());
}
