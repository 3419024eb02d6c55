import { describe, expect, it } from "vitest";
import { type JobRecord, type Launch, newRecord } from "../../../dispatcher/core/job.ts";
import {
  DEATHS_TOLD,
  END_REASONS,
  fateOf,
  isRecovered,
  relaunchPace,
  WAITS_MS,
} from "../../../dispatcher/core/relaunch.ts";

const now = new Date("2026-01-01T12:00:00Z");
const endedMs = now.getTime();
const MINUTE = 60_000;

function ended(endReason: string, change: Partial<Launch> = {}): Launch {
  return {
    number: 1,
    state: "ended",
    runnerName: "gha-11-1",
    microvmId: "microvm-1",
    claimedAt: now.toISOString(),
    endedAt: now.toISOString(),
    endReason,
    ...change,
  };
}

const died = ended(END_REASONS.noRunner);
const idle = ended(END_REASONS.exited);
const served = ended(END_REASONS.completed);
const refused = (({ microvmId: _, ...launch }: Launch): Launch => launch)(ended("refused"));
const { endedAt: _, endReason: __, ...living } = { ...ended(""), state: "running" as const };

const recordOf = (launches: Launch[], change: Partial<JobRecord> = {}): JobRecord => ({
  ...newRecord({ jobId: 11, runId: 22, repository: "acme/shop" }, now),
  launches: launches.map((launch, index) => ({ ...launch, number: index + 1 })),
  ...change,
});
const times = (count: number, launch: Launch) => Array.from({ length: count }, () => launch);

describe("what became of a launch", () => {
  it.each<[string, Launch, ReturnType<typeof fateOf>]>([
    ["it lives", living, undefined],
    ["no MicroVM was started", refused, "refused"],
    ["no MicroVM was started, whatever else is said", { ...refused, ranJobId: 12 }, "refused"],
    ["its runner had another job", { ...died, ranJobId: 12 }, "served"],
    ["its runner exited without a job", idle, "idle"],
    ["its MicroVM died", ended(END_REASONS.microvmGone), "died"],
    ["its runner never came", died, "died"],
    [
      "its MicroVM died after its runner was seen idle",
      ended(END_REASONS.microvmGone, { idleAt: now.toISOString() }),
      "idle",
    ],
    ["its runner went after it was seen idle", ended(END_REASONS.noRunner, { idleAt: now.toISOString() }), "idle"],
    ["GitHub refused its runner", ended(END_REASONS.runnerRefused, { idleAt: now.toISOString() }), "refused"],
    ["its job completed", served, "served"],
    ["its job was over", ended(END_REASONS.over), "served"],
    ["it was not needed", ended(END_REASONS.notNeeded), "served"],
  ])("when %s", (_, launch, fate) => {
    expect(fateOf(launch)).toBe(fate);
  });
});

describe("the next launch is due", () => {
  it("at once for a job without one, or whose last one lives, served, or cost nothing", () => {
    for (const launches of [[], [living], [served], [refused], [died, served], [died, living]]) {
      expect(relaunchPace(recordOf(launches))).toEqual({ dueMs: 0, deaths: 0 });
    }
  });

  it("at once after a death, and later after several in a row", () => {
    for (let count = 1; count < DEATHS_TOLD; count++) {
      expect(relaunchPace(recordOf(times(count, died)))).toEqual({ dueMs: 0, deaths: count });
    }
    for (const [index, waitMs] of WAITS_MS.entries()) {
      const count = DEATHS_TOLD + index;
      expect(relaunchPace(recordOf(times(count, died)))).toEqual({ dueMs: endedMs + waitMs, deaths: count });
    }
    expect(relaunchPace(recordOf(times(20, died))).dueMs).toBe(endedMs + 60 * MINUTE);
  });

  it("later and later while GitHub gives its runners no job", () => {
    expect(WAITS_MS.map((ms) => ms / MINUTE)).toEqual([1, 5, 15, 30, 60]);
    for (const [index, waitMs] of WAITS_MS.entries()) {
      expect(relaunchPace(recordOf(times(index + 1, idle)))).toEqual({ dueMs: endedMs + waitMs, deaths: 0 });
    }
    expect(relaunchPace(recordOf(times(9, idle))).dueMs).toBe(endedMs + 60 * MINUTE);
  });

  it("as late as before by a runner that was given another job, once one had been idle", () => {
    expect(relaunchPace(recordOf([idle, served]))).toEqual({ dueMs: endedMs + 5 * MINUTE, deaths: 0 });
    expect(relaunchPace(recordOf([served, served, idle])).dueMs).toBe(endedMs + MINUTE);
    expect(relaunchPace(recordOf([idle, idle, served, idle])).dueMs).toBe(endedMs + 30 * MINUTE);
    expect(relaunchPace(recordOf([idle, living])).dueMs).toBeLessThan(endedMs);
  });

  it("by all that came to nothing, without those that cost nothing", () => {
    expect(relaunchPace(recordOf([idle, refused])).dueMs).toBe(endedMs + MINUTE);
    expect(relaunchPace(recordOf([idle, died, idle])).dueMs).toBe(endedMs + 5 * MINUTE);
    expect(relaunchPace(recordOf([died, idle, died]))).toEqual({ dueMs: 0, deaths: 1 });
  });

  it("by launches of this order alone, and not by those made as probes", () => {
    expect(relaunchPace(recordOf([idle, idle, idle], { freshFrom: 2 })).dueMs).toBe(endedMs + MINUTE);
    expect(relaunchPace(recordOf([idle, { ...idle, cause: "recovery" }])).dueMs).toBe(endedMs + MINUTE);
  });
});

describe("a job whose runner got nothing while GitHub gave no jobs", () => {
  const gap = { fromMs: endedMs - 4 * MINUTE, toMs: endedMs };

  it("is launched again once GitHub gives jobs", () => {
    expect(isRecovered(recordOf([idle]), { gap })).toBe(true);
  });

  it("is launched again after one out of turn whose runner was given another job", () => {
    for (const given of [{ ranJobId: 12 }, { swappedAt: now.toISOString() }]) {
      expect(isRecovered(recordOf([{ ...idle, ...given, cause: "probe" }]), {})).toBe(true);
    }
  });

  it.each<[string, Launch[], { fromMs: number; toMs: number } | undefined]>([
    ["there was no gap", [idle], undefined],
    ["its launch in turn was given another job", [{ ...idle, ranJobId: 12 }], undefined],
    ["it has no launch", [], gap],
    ["its launch died", [died], gap],
    ["it was launched for that already", [{ ...idle, cause: "recovery" }], gap],
    ["its runner ended after the gap", [idle], { ...gap, toMs: endedMs - 1 }],
    ["its runner was idle in the gap for less than four minutes", [idle], { ...gap, fromMs: gap.fromMs + 1 }],
  ])("is not when %s", (_, launches, during) => {
    expect(isRecovered(recordOf(launches), during === undefined ? {} : { gap: during })).toBe(false);
  });
});
