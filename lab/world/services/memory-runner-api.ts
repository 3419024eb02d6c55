import type { Clock, RunnerApi } from "../../../dispatcher/ports.ts";
import type { CalendarRelease } from "../releases.ts";
import { createFaultPlan, type Faulty } from "./fault-plan.ts";
import { checksumOf } from "./refresh-bench.ts";

/** GitHub's word about its releases, and what it does about them. */
export interface MemoryRunnerApi extends RunnerApi, Faulty<"newest" | "refusedFrom"> {
  /** Whether GitHub gives no job to this runner now. */
  refuses(runner: string): boolean;
}

/** GitHub's releases by a calendar. */
export function createMemoryRunnerApi(clock: Clock, calendar: () => readonly CalendarRelease[]): MemoryRunnerApi {
  const { run, ...faulty } = createFaultPlan<"newest" | "refusedFrom">();
  const published = () => calendar().filter(({ publishedMs }) => publishedMs <= clock.now().getTime());
  return {
    ...faulty,
    refuses(runner) {
      const refusedMs = calendar().find(({ version }) => version === runner)?.refusedMs;
      return typeof refusedMs === "number" && refusedMs <= clock.now().getTime();
    },
    newest: () =>
      run("newest", () => {
        const version = published().at(-1)?.version;
        if (version === undefined) return undefined;
        return { filename: `actions-runner-linux-arm64-${version}.tar.gz`, sha256: checksumOf(version) };
      }),
    refusedFrom: (version) =>
      run("refusedFrom", () => {
        const known = published();
        const index = known.findIndex((release) => release.version === version);
        const release = known[index];
        if (release === undefined) return undefined;
        // GitHub names a date once there is a successor.
        return index === known.length - 1 || release.refusedMs === null ? null : new Date(release.refusedMs);
      }),
  };
}
