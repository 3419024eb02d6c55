import { performance } from "node:perf_hooks";

/** What passes the time; a test has another. */
export interface Watch {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

const WALL: Watch = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
const LOOK_MS = 50;

/**
 * Waits until something is done, for as long as it makes progress: a machine that has other things to do is slow and
 * not silent. Returns whether it was done before `progress` had answered the same for `silenceMs`.
 */
export async function untilSilent(
  done: () => boolean,
  progress: () => string,
  { silenceMs, watch = WALL }: { silenceMs: number; watch?: Watch },
): Promise<boolean> {
  let last = progress();
  let sinceMs = watch.nowMs();
  while (!done()) {
    const now = progress();
    if (now !== last) {
      last = now;
      sinceMs = watch.nowMs();
    } else if (watch.nowMs() - sinceMs >= silenceMs) {
      return done();
    }
    await watch.sleep(LOOK_MS);
  }
  return true;
}
