import type { Clock } from "../../dispatcher/ports.ts";

interface Timer {
  atMs: number;
  order: number;
  run: () => void;
}

/** A clock that jumps from one thing that happens to the next, and lets what is asynchronous settle in between. */
export class VirtualTime implements Clock {
  private nowMs: number;
  private order = 0;
  private readonly heap: Timer[] = [];

  constructor(start = new Date("2026-01-01T00:00:00Z")) {
    this.nowMs = start.getTime();
  }

  now(): Date {
    return new Date(this.nowMs);
  }

  /** Runs `run` so many seconds from now; things of the same moment happen in the order in which they were planned. */
  after(seconds: number, run: () => void): void {
    this.push({ atMs: this.nowMs + Math.max(0, seconds) * 1_000, order: this.order++, run });
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds / 1_000, resolve));
  }

  /** Runs until nothing is planned any more or `hours` have passed; returns whether nothing was left. */
  async run(hours: number): Promise<boolean> {
    const end = this.nowMs + hours * 3_600_000;
    await settled();
    for (let timer = this.pop(); timer; timer = this.pop()) {
      if (timer.atMs > end) return false;
      this.nowMs = Math.max(this.nowMs, timer.atMs);
      timer.run();
      await settled();
    }
    return true;
  }

  private push(timer: Timer): void {
    const { heap } = this;
    heap.push(timer);
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  private pop(): Timer | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const right = left + 1;
      if (left >= heap.length) return first;
      const child = right < heap.length && isLater(heap[left], heap[right]) ? right : left;
      if (!this.swapIfLater(parent, child)) return first;
      parent = child;
    }
  }

  private swapIfLater(parent: number, child: number): boolean {
    const [one, other] = [this.heap[parent], this.heap[child]];
    if (one === undefined || other === undefined || !isLater(one, other)) return false;
    this.heap[parent] = other;
    this.heap[child] = one;
    return true;
  }
}

function isLater(one: Timer | undefined, other: Timer | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.atMs > other.atMs || (one.atMs === other.atMs && one.order > other.order);
}

// Everything in the world settles in microtasks; none is left when a macrotask gets its turn.
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
