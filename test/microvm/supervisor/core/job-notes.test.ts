import { describe, expect, it } from "vitest";
import { endNote, type JobFacts, startNote } from "../../../../microvm/supervisor/core/job-notes.ts";
import { memoryTierMib } from "../../../../microvm/supervisor/core/memory-tier.ts";

const facts: JobFacts = {
  launchId: "4711-1",
  microvmId: "microvm-1",
  region: "us-east-1",
  memoryMib: 2_048,
  runnerClass: null,
  startedAtMs: 1_000_000,
  maxDurationSeconds: 5_400,
  docker: { phase: "ready", reason: "" },
  stopReason: null,
};

describe("startNote", () => {
  it("says what the job runs on", () => {
    expect(startNote(facts)).toBe(
      "Runs on MicroVM microvm-1 in us-east-1: 1 vCPU and 2048 MiB as a baseline, for at most 1 h 30 min. Docker is ready.",
    );
  });

  it("names the runner's class where there are several", () => {
    expect(startNote({ ...facts, runnerClass: "large" })).toMatch(
      /^Runs on MicroVM microvm-1 in us-east-1 \(runner class large\): 1 vCPU /,
    );
  });

  it.each([
    [{ phase: "off", reason: "this image has no dockerd" }, "Docker is off: this image has no dockerd."],
    [{ phase: "failed", reason: "dockerd ended with 1" }, "Docker did not start: dockerd ended with 1."],
    [{ phase: "starting", reason: "" }, "Docker is still starting."],
  ] as const)("says of Docker: %o", (docker, text) => {
    expect(startNote({ ...facts, docker })).toContain(text);
  });
});

describe("endNote", () => {
  it("says how long the MicroVM ran and what its baseline costs", () => {
    expect(endNote(facts, 1_000_000 + 3_600_000)).toBe(
      "The MicroVM ran for 1 h, $0.1261 for its baseline at the list price of us-east-1 (2026-08-07).",
    );
  });

  it("says nothing of a price that is not known", () => {
    expect(endNote({ ...facts, region: "eu-west-1" }, 1_000_000 + 61_000)).toBe("The MicroVM ran for 1 min 1 s.");
  });

  it("does not run backwards with the clock", () => {
    expect(endNote(facts, 0)).toMatch(/^The MicroVM ran for 0 s/);
  });
});

describe("memoryTierMib", () => {
  it.each([
    [2_037_648, 512],
    [4_100_000, 1_024],
    [8_209_056, 2_048],
    [16_400_000, 4_096],
    [33_000_000, 8_192],
    [64_000_000, 8_192],
  ])("takes a guest of %s KiB for a baseline of %s MiB", (kib, tier) => {
    expect(memoryTierMib(kib)).toBe(tier);
  });
});
