import type { Logger } from "../../contract/log.ts";
import type { RefreshState } from "../core/refresh-state.ts";
import type { RunnerHold } from "../core/runner-hold.ts";
import { noteReleases, RUNNER_VERSION, type RunnerReleases, SHA256 } from "../core/runner-releases.ts";
import type { Cell, Clock, RunnerApi } from "../ports.ts";

/** What asking GitHub about the runner's releases needs of the world. */
export interface CheckRunnerDeps {
  github: RunnerApi;
  releases: Cell<RunnerReleases>;
  /** What the refresh function remembers: it knows what is in the image. */
  image: { read(): Promise<RefreshState> };
  hold: { read(): Promise<RunnerHold> };
  /** Whether GitHub gives no jobs to old runners: github.com does, GitHub Enterprise Server does not. */
  enforced: boolean;
  clock: Clock;
  log: Logger;
}

const EVERY_MS = 6 * 3_600_000;
const ARCHIVE = /^actions-runner-linux-arm64-(\d[\d.]*)\.tar\.gz$/;

/**
 * Asks GitHub which runner it offers and when it begins to refuse the one in the image: every six hours, and at once
 * after a runner was refused. What is not as expected is not written.
 */
export async function checkRunner(deps: CheckRunnerDeps): Promise<"not-due" | "unreadable" | "checked"> {
  const { github, releases, image, enforced, clock, log } = deps;
  const [known, hold] = await Promise.all([releases.read(), deps.hold.read()]);
  const now = clock.now();
  const wasRefusedSince = hold.refusedMs > known.checkedMs;
  if (now.getTime() - known.checkedMs < EVERY_MS && !wasRefusedSince) return "not-due";
  const offered = await github.newest();
  const [, version = ""] = ARCHIVE.exec(offered?.filename ?? "") ?? [];
  const sha256 = offered?.sha256 ?? "";
  if (!RUNNER_VERSION.test(version) || !SHA256.test(sha256)) {
    log.error("runner.unreadable", {
      missing: offered === undefined ? "download" : RUNNER_VERSION.test(version) ? "sha256_checksum" : "version",
      advice: "GitHub lists no runner for Linux on arm64 with a checksum: the image keeps its runner",
    });
    return "unreadable";
  }
  const inImages = Object.values((await image.read()).versions).map(({ runner }) => runner);
  const refusedFromMs: Record<string, number | null> = {};
  for (const each of enforced ? new Set([version, ...inImages]) : []) {
    const from = await github.refusedFrom(each);
    if (from !== undefined) refusedFromMs[each] = from?.getTime() ?? null;
  }
  const next = await releases.update((before) =>
    noteReleases(before, { newest: { version, sha256 }, enforced, refusedFromMs }, now),
  );
  const isNew = !known.releases.some((release) => release.version === version);
  log.info("runner.checked", { newest: version, isNew, versions: Object.keys(next.refusedFromMs) });
  return "checked";
}
