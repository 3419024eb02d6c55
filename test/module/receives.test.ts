import { beforeAll, expect, it } from "vitest";
import { backoffSeconds, deferSeconds } from "../../dispatcher/core/backoff.ts";
import { MODULE_DIR, parseModule } from "./parse-module.ts";

const DAY_SECONDS = 24 * 3_600;

let receives: number;
let retentionSeconds: number;
beforeAll(async () => {
  const { "aws_sqs_queue.jobs": queue } = (await parseModule(MODULE_DIR)).resources;
  receives = Number(/maxReceiveCount\s*=\s*(\d+)/.exec(String(queue?.redrive_policy))?.[1]);
  // Written as a product of days, hours, minutes and seconds.
  const factors = String(queue?.message_retention_seconds).match(/\d+/g) ?? [];
  retentionSeconds = factors.map(Number).reduce((product, factor) => product * factor, 1);
});

function totalSeconds(random: number): number {
  return Array.from({ length: receives }, (_, index) => backoffSeconds(index + 1, random)).reduce((a, b) => a + b, 0);
}

it("all receives of a failing message outlast the day for which GitHub keeps a job queued", () => {
  const longestFreshCopy = deferSeconds(Number.MAX_SAFE_INTEGER, 1);
  expect(totalSeconds(0)).toBeGreaterThanOrEqual(DAY_SECONDS + longestFreshCopy);
});

it("a failing message is a dead letter before the queue forgets it", () => {
  expect(totalSeconds(1)).toBeLessThan(retentionSeconds);
});
