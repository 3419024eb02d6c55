import { describe, expect, it } from "vitest";
import {
  compacted,
  heldByAnother,
  type JobRecord,
  type Launch,
  latestLaunch,
  launchIdOf,
  launchOf,
  mayHaveUnknownMicrovm,
  newRecord,
  nextVersion,
  released,
  repositoryOf,
  withLaunch,
} from "../../../dispatcher/core/job.ts";

const now = new Date("2026-01-01T12:00:00Z");
const lease = { holder: "dead", until: "2026-01-01T11:00:00Z" };
const record: JobRecord = { ...newRecord({ jobId: 11, runId: 22, repository: "acme/shop" }, now), lease };
const registered = { number: 1, state: "registered" as const, runnerName: "gha-11-1", claimedAt: now.toISOString() };

describe("a new record", () => {
  it("is kept for longer than GitHub keeps a job queued", () => {
    const { expiresAt } = newRecord({ jobId: 11, runId: 22, repository: "acme/shop" }, now);

    expect(expiresAt - now.getTime() / 1_000).toBe(3 * 24 * 3_600);
    expect(Number.isInteger(newRecord({ jobId: 1, runId: 2, repository: "a/b" }, new Date(1_999)).expiresAt)).toBe(
      true,
    );
  });

  it("holds what the message says, and nothing for what it does not say", () => {
    const said = {
      ...{ jobId: 11, runId: 22, repository: "acme/shop", labels: ["a"], deliveryId: "d", installationId: 33 },
      workflow: "test",
    };
    const since = "2026-01-01T11:59:00Z";

    expect(newRecord({ ...said, isPublic: true, since }, now)).toMatchObject({
      ...said,
      isPublic: true,
      queuedAt: since,
      version: 0,
      launches: [],
    });
    expect(newRecord({ jobId: 11, runId: 22, repository: "acme/shop" }, now)).toStrictEqual({
      jobId: 11,
      runId: 22,
      repository: "acme/shop",
      labels: [],
      deliveryId: "",
      launches: [],
      createdAt: now.toISOString(),
      version: 0,
      expiresAt: expect.any(Number),
    });
  });
});

describe("a lease", () => {
  it("keeps everybody else away until its very end, and its holder never", () => {
    const until = new Date(lease.until);

    expect(heldByAnother(record, "me", new Date(until.getTime() - 1))).toBe(true);
    expect(heldByAnother(record, "me", until)).toBe(false);
    expect(heldByAnother(record, "dead", new Date(until.getTime() - 1))).toBe(false);
    expect(heldByAnother(newRecord({ jobId: 11, runId: 22, repository: "acme/shop" }, now), "me", now)).toBe(false);
  });
});

describe("where a job's calls go", () => {
  it("is its repository, by the installation that is known", () => {
    expect(repositoryOf({ repository: "acme/shop", installationId: 33 })).toEqual({
      repository: "acme/shop",
      installationId: 33,
    });
    expect(repositoryOf({ repository: "acme/shop" })).toStrictEqual({ repository: "acme/shop" });
  });
});

describe("a record's launches", () => {
  const two: JobRecord = { ...record, launches: [registered, { ...registered, number: 2 }] };

  it("are found by their number", () => {
    expect(latestLaunch(two)?.number).toBe(2);
    expect(latestLaunch(record)).toBeUndefined();
    expect(launchOf(two, 1)).toBe(registered);
    expect(launchOf(two, 3)).toBeUndefined();
    expect(launchIdOf(11, 2)).toBe("11-2");
  });

  it("are changed one at a time, in a copy, or not at all", () => {
    const changed = withLaunch(two, 2, (launch) => ({ ...launch, state: "ended" }));

    expect(changed.launches.map(({ state }) => state)).toEqual(["registered", "ended"]);
    expect(two.launches[1]?.state).toBe("registered");
    expect(withLaunch(two, 2, (launch) => launch)).toBe(two);
    expect(withLaunch(two, 3, (launch) => ({ ...launch, state: "ended" }))).toBe(two);
    expect(nextVersion(two)).toEqual({ ...two, version: two.version + 1 });
  });
});

describe("a record that has had many launches", () => {
  const started = { ...registered, state: "ended" as const, microvmId: "microvm-1" };
  const { microvmId: _, ...refused } = started;
  const recordOf = (launches: Launch[]): JobRecord => ({
    ...record,
    launches: launches.map((launch, index) => ({ ...launch, number: index + 1 })),
  });
  const numbersOf = (launches: Launch[]) => compacted(recordOf(launches)).launches.map(({ number }) => number);

  it("forgets those that were never started, but for the last one", () => {
    expect(numbersOf([refused, started, refused, refused])).toEqual([2, 4]);
    expect(numbersOf([{ ...refused, runnerLeft: true }, started])).toEqual([1, 2]);
  });

  it("keeps nine, the oldest going first, and what still has to be done for any", () => {
    expect(numbersOf(Array.from({ length: 11 }, () => started))).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const first = { ...started, runnerLeft: true as const };
    expect(numbersOf([first, ...Array.from({ length: 10 }, () => started)])).toEqual([1, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("forgets those made out of turn before the others, but for the last one", () => {
    const probe = { ...started, cause: "probe" as const };
    const launches = [started, probe, started, probe, ...Array.from({ length: 6 }, () => started), probe];
    expect(numbersOf(launches)).toEqual([1, 3, 5, 6, 7, 8, 9, 10, 11]);
    expect(numbersOf([probe, ...Array.from({ length: 10 }, () => started)])).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const more = [started, probe, ...Array.from({ length: 9 }, () => started), probe];
    expect(numbersOf(more)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("is itself where there is nothing to forget", () => {
    const few = recordOf([started, registered]);

    expect(compacted(few)).toBe(few);
  });
});

describe("released", () => {
  it("takes away the lease of its holder", () => {
    const { lease: _, ...free } = record;
    expect(released(record, "dead")).toStrictEqual(free);
    expect(released(free, "dead")).toBe(free);
  });

  it("keeps the lease of a worker that died, which says that a MicroVM may exist", () => {
    const kept = released(record, "me");
    expect(mayHaveUnknownMicrovm(kept, registered)).toBe(true);
  });
});

describe("mayHaveUnknownMicrovm", () => {
  it("is true of a registered launch alone, after a call without a known outcome or a worker's death", () => {
    const { lease: _, ...free } = record;
    expect(mayHaveUnknownMicrovm(free, registered)).toBe(false);
    expect(mayHaveUnknownMicrovm(free, { ...registered, ambiguous: true })).toBe(true);
    expect(mayHaveUnknownMicrovm(record, { ...registered, state: "claimed" })).toBe(false);
    expect(mayHaveUnknownMicrovm(record, { ...registered, state: "running" })).toBe(false);
  });
});
