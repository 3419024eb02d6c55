import type { Clock } from "../../dispatcher/ports.ts";
import { createTimedHeap } from "./services/timed-heap.ts";

/** A clock that jumps from one thing that happens to the next, and lets what is asynchronous settle in between. */
export class VirtualTime implements Clock {
  private nowMs: number;
  private readonly timers = createTimedHeap<() => void>();

  constructor(start = new Date("2026-01-01T00:00:00Z")) {
    this.nowMs = start.getTime();
  }

  now(): Date {
    return new Date(this.nowMs);
  }

  /** Runs `run` so many seconds from now; things of the same moment happen in the order in which they were planned. */
  after(seconds: number, run: () => void): void {
    this.timers.push(this.nowMs + Math.max(0, seconds) * 1_000, run);
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds / 1_000, resolve));
  }

  /** Lets `hours` pass with all that is planned in them; returns whether nothing was left. */
  async run(hours: number): Promise<boolean> {
    const end = this.nowMs + hours * 3_600_000;
    await settled();
    for (let timer = this.timers.peek(); timer; timer = this.timers.peek()) {
      if (timer.atMs > end) return false;
      this.timers.pop();
      this.nowMs = Math.max(this.nowMs, timer.atMs);
      timer.value();
      await settled();
    }
    this.nowMs = end;
    return true;
  }
}

// Everything in the world settles in microtasks; none is left when a macrotask gets its turn.
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
