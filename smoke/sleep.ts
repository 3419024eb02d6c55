import { setTimeout as wait } from "node:timers/promises";

/** Rejects when the signal is aborted. */
export async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal });
}
