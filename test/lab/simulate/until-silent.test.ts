import { expect, it } from "vitest";
import { untilSilent } from "../../../lab/simulate/until-silent.ts";

function play(done: (ms: number) => boolean, progress: (ms: number) => string) {
  let nowMs = 0;
  const watch = {
    nowMs: () => nowMs,
    async sleep(ms: number) {
      nowMs += ms;
    },
  };
  return untilSilent(
    () => done(nowMs),
    () => progress(nowMs),
    { silenceMs: 10_000, watch },
  ).then((isDone) => ({ isDone, nowMs }));
}

it("waits for as long as there is progress, however slow", async () => {
  const { isDone, nowMs } = await play(
    (ms) => ms >= 900_000,
    (ms) => String(Math.floor(ms / 9_000)),
  );
  expect({ isDone, nowMs }).toEqual({ isDone: true, nowMs: 900_000 });
});

it("gives up when nothing has moved for a while", async () => {
  const { isDone, nowMs } = await play(
    () => false,
    (ms) => String(Math.min(3, Math.floor(ms / 1_000))),
  );
  expect({ isDone, nowMs }).toEqual({ isDone: false, nowMs: 13_000 });
});
