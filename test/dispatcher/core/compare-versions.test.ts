import { expect, it } from "vitest";
import { compareVersions } from "../../../dispatcher/core/compare-versions.ts";

it.each([
  ["9.0", "10.0", -1],
  ["10.0", "9.0", 1],
  ["2.335.10", "2.335.9", 1],
  ["2.335.1", "2.335", 1],
  ["3.0", "3.0", 0],
])("compares %s with %s by number", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
