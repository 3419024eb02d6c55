import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryQueue } from "../../../lab/world/services/memory-queue.ts";

const message = (jobId: number) => ({ type: "finish" as const, source: "completed" as const, jobId });

describe("the queue in memory", () => {
  it("shows messages in the order in which they become visible", async () => {
    const clock = createManualClock();
    const queue = createMemoryQueue({ clock });
    await queue.send(message(1), 20);
    await queue.send(message(2), 10);
    await queue.send(message(3), 30);

    const seen: number[] = [];
    for (let next = queue.nextVisibleAt(); next && seen.length < 3; next = queue.nextVisibleAt()) {
      clock.set(next);
      seen.push(...queue.receive().map(({ body }) => JSON.parse(body).jobId as number));
    }

    expect(seen).toEqual([2, 1, 3]);
  });

  it("brings a message back after its time and gives it up after too many", async () => {
    const clock = createManualClock();
    const queue = createMemoryQueue({ clock, visibilityTimeoutSeconds: 60, maxReceiveCount: 2 });
    await queue.send(message(1));

    expect(queue.receive()[0]?.receiveCount).toBe(1);
    expect(queue.receive()).toEqual([]);
    clock.advance(60);
    expect(queue.receive()[0]?.receiveCount).toBe(2);
    clock.advance(60);
    expect(queue.receive()).toEqual([]);

    expect(queue.deadLetters()).toHaveLength(1);
    expect(queue.bodies()).toEqual([]);
  });

  it("forgets a deleted message and knows only the latest receipt handle", async () => {
    const clock = createManualClock();
    const queue = createMemoryQueue({ clock, visibilityTimeoutSeconds: 60 });
    await queue.send(message(1));
    const [early] = queue.receive();
    clock.advance(60);
    const [late] = queue.receive();

    queue.delete(early?.receiptHandle ?? "");
    expect(queue.bodies()).toHaveLength(1);
    queue.delete(late?.receiptHandle ?? "");

    expect(queue.bodies()).toEqual([]);
    expect(queue.nextVisibleAt()).toBeUndefined();
  });

  it("delivers a duplicate as a message of its own", async () => {
    const queue = createMemoryQueue({ clock: createManualClock() });
    await queue.send(message(1));
    const [first] = queue.receive();

    queue.duplicate(first?.messageId ?? "");

    const [second] = queue.receive();
    expect(second?.body).toBe(first?.body);
    expect(second?.messageId).not.toBe(first?.messageId);
  });

  it("fails as it was told, before its effect or after it", async () => {
    const queue = createMemoryQueue({ clock: createManualClock() });
    queue.failNext("send", new Error("before"));
    queue.failNext("send", "after-effect");

    await expect(queue.send(message(1))).rejects.toThrow("before");
    await expect(queue.send(message(2))).rejects.toMatchObject({ name: "TransientError" });
    await queue.send(message(3));

    expect(queue.bodies().map((body) => JSON.parse(body).jobId)).toEqual([2, 3]);
    expect(queue.calls).toEqual(["send", "send", "send"]);
  });
});
