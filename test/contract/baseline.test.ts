import { describe, expect, it } from "vitest";
import { baselineUsd, baselineVcpus } from "../../contract/baseline.ts";

describe("what a baseline is billed", () => {
  it("has one vCPU for each 2 GiB", () => {
    expect([512, 2_048, 8_192].map(baselineVcpus)).toEqual([0.25, 1, 4]);
  });

  it("is vCPUs and gigabytes by the second", () => {
    expect(baselineUsd({ vcpu: 2, gigabyte: 0.5 }, 4_096, 10)).toBe(10 * (2 * 2 + 4 * 0.5));
  });
});
