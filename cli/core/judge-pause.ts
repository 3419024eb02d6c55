import type { PaceState } from "../../dispatcher/core/pace.ts";
import { type Finding, judge, type Known } from "./finding.ts";

export type Pause = NonNullable<PaceState["paused"]>;

/** By whom, when and why. */
export function whoPaused({ by, at, why }: Pause): string {
  return `paused by ${by} at ${at}: ${why}`;
}

/** Whether jobs are launched at all. */
export function judgePause(flag: Known<Pause | undefined>, byTerraform: boolean): Finding {
  return judge("aws.paused", "Launches", flag, (pause) => {
    if (pause !== undefined) return { fail: whoPaused(pause), fix: "gha-microvm resume" };
    return byTerraform
      ? { fail: "paused by the input paused", fix: "set paused to false and apply" }
      : { pass: "not paused" };
  });
}
