import { expect, it } from "vitest";
import { backoffSeconds, deferSeconds } from "../../../dispatcher/core/backoff.ts";

it("doubles the wait after each failure up to five minutes, half of it at random", () => {
  expect([1, 2, 3, 10, 1_000].map((count) => backoffSeconds(count, 1))).toEqual([5, 10, 20, 300, 300]);
  expect(backoffSeconds(10, 0)).toBe(150);
});

it("waits what was asked for and a little longer, within what SQS can delay", () => {
  expect(deferSeconds(10, 0)).toBe(10);
  expect(deferSeconds(10, 1)).toBe(15);
  expect(deferSeconds(600, 1)).toBe(660);
  expect(deferSeconds(3_600, 1)).toBe(900);
  expect(deferSeconds(0, 0)).toBe(1);
});
