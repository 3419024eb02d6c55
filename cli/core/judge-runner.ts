import { daysLeft } from "../../dispatcher/core/days-left.ts";
import type { RefreshState } from "../../dispatcher/core/refresh-state.ts";
import { isHolding, type RunnerHold } from "../../dispatcher/core/runner-hold.ts";
import { isRefused, type RunnerReleases } from "../../dispatcher/core/runner-releases.ts";
import { type Finding, judge, type Known } from "./finding.ts";

/** What the functions wrote about the image's runner. */
export interface RunnerView {
  state: RefreshState;
  releases: RunnerReleases;
  hold: RunnerHold;
  /** The version that launches get. */
  imageVersion: string;
  /** Whether the refresh function builds, or only tells. */
  mode: string;
}

/** Fewer days than these never come about where images are built again by themselves. */
const DAYS_LEFT = 21;

/** Whether GitHub takes the runner that launches get, and for how long. */
export function judgeRunner(view: Known<RunnerView>, now: Date): Finding {
  return judge("aws.runner", "Actions runner", view, ({ state, releases, hold, imageVersion, mode }) => {
    const facts = state.versions[imageVersion];
    if (facts === undefined) return { pass: "the refresh function has not looked at it yet" };
    const { runner } = facts;
    const newest = releases.releases.at(-1)?.version;
    const left = daysLeft(releases, runner, now);
    const what = [
      `${runner} in version ${imageVersion}`,
      ...(newest === undefined ? [] : [runner === newest ? "the newest" : `the newest is ${newest}`]),
      ...(left === undefined ? [] : [`GitHub takes it for ${left} more days`]),
      mode === "auto" ? "built again by itself" : "watched only",
    ].join(", ");
    const build = state.build;
    if (isRefused(releases, runner, now) || (isHolding(hold) && hold.imageVersion === imageVersion)) {
      const fix =
        build !== undefined
          ? `${build.version ?? "a version"} is being built since ${new Date(build.startedMs).toISOString()}: look again in some minutes`
          : mode === "auto"
            ? "the log of the refresh function says why no other is built"
            : "apply a newer runner: remove image_version and runner_version, or raise them";
      return { fail: `GitHub refuses runner ${runner} of version ${imageVersion}`, fix };
    }
    if (left !== undefined && left < DAYS_LEFT) {
      const fix =
        mode === "auto"
          ? "the log of the refresh function says why no newer one is built"
          : "remove image_version and runner_version, or raise them, before that";
      return { fail: what, fix };
    }
    return { pass: what };
  });
}
