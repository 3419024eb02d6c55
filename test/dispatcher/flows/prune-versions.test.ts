import { describe, expect, it } from "vitest";
import { createLogger } from "../../../contract/log.ts";
import type { ImageVersion, MicrovmState } from "../../../dispatcher/core/views.ts";
import { RefusedError, ThrottledError, TransientError } from "../../../dispatcher/errors.ts";
import { pruneImages, pruneVersions } from "../../../dispatcher/flows/prune-versions.ts";
import { createManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryImageVersions } from "../../../lab/world/services/memory-image-versions.ts";

const IMAGE_ARN = "arn:aws:lambda:eu-west-1:123456789012:microvm-image:runner";

interface Options {
  count?: number;
  pinned?: string;
  deletionSeconds?: number;
  microvms?: { state: MicrovmState; imageVersion: string }[];
  change?: Record<number, Partial<ImageVersion>>;
}

/** An image with versions that are each a day younger than the one before, the youngest a day old. */
function openImage({ count = 6, pinned = "", deletionSeconds = 25, microvms = [], change = {} }: Options = {}) {
  const clock = createManualClock();
  const versions = Array.from({ length: count }, (_, index): ImageVersion => {
    const createdAt = new Date(clock.now().getTime() - (count - index) * 24 * 3_600_000);
    return { version: `${index + 1}.0`, state: "SUCCESSFUL", status: "ACTIVE", createdAt, ...change[index + 1] };
  });
  const memory = createMemoryImageVersions({ clock, imageArn: IMAGE_ARN, versions, microvms, deletionSeconds });
  const lines: Record<string, unknown>[] = [];
  const deps = {
    environment: { IMAGE_VERSIONS_KEPT: 3 },
    image: { arn: IMAGE_ARN, pinned: pinned === "" ? [] : [pinned] },
    images: memory,
    clock,
    sleep: async (milliseconds: number) => clock.advance(milliseconds / 1_000),
    log: createLogger((line) => void lines.push(JSON.parse(line))),
  };
  const run = (seconds = 600) => pruneVersions(deps, new Date(clock.now().getTime() + seconds * 1_000));
  const events = () => lines.map(({ event }) => event);
  return { clock, deps, memory, run, lines, events, deletions: () => memory.calls.filter((call) => call === "delete") };
}

describe("pruneVersions", () => {
  it("deletes one version after the other and waits for each", async () => {
    const { memory, run, clock, events } = openImage();
    expect(await run()).toEqual({ deleted: ["1.0", "2.0", "3.0"] });

    clock.advance(60);
    expect(memory.left()).toEqual(["4.0", "5.0", "6.0"]);
    expect(events()).toEqual(["prune.planned", "prune.deleted", "prune.deleted", "prune.deleted", "prune.ended"]);
  });

  it("leaves the pinned version and those of MicroVMs that have not ended", async () => {
    const microvms = [
      { state: "SUSPENDED", imageVersion: "2.0" },
      { state: "TERMINATED", imageVersion: "3.0" },
    ] as const;
    const { run } = openImage({ pinned: "1.0", microvms: [...microvms] });

    expect(await run()).toEqual({ deleted: ["3.0"] });
  });

  it.each(["list", "inUse"] as const)("deletes nothing when it cannot see all that %s tells", async (operation) => {
    const { memory, run, deletions, events } = openImage();
    memory.failNext(operation, new TransientError("a page was lost"));

    await expect(run()).rejects.toBeInstanceOf(TransientError);

    expect(deletions()).toEqual([]);
    expect(events()).toContain("prune.failed");
  });

  it.each(["rate", "image"] as const)("ends quietly for the reason %s, and the next run goes on", async (reason) => {
    const { memory, run, events, lines } = openImage();
    memory.failNext("delete", new ThrottledError("not now", { reason }));

    expect(await run()).toEqual({ deleted: [] });
    expect(events()).toEqual(["prune.planned", "prune.put_off", "prune.ended"]);
    expect(lines.map(({ level }) => level)).not.toContain("error");

    expect((await run()).deleted).toHaveLength(3);
  });

  it("waits for the next run when a build is under way", async () => {
    const { run, deletions } = openImage({ change: { 6: { state: "IN_PROGRESS", status: "INACTIVE" } } });

    expect(await run()).toEqual({ deleted: [] });
    expect(deletions()).toEqual([]);
  });

  it("goes on with the others when one is refused, and fails in the end with what to do", async () => {
    const { memory, run, lines } = openImage();
    memory.failNext("delete", new RefusedError("not this one"));

    await expect(run()).rejects.toThrow("not this one");

    expect(memory.left()).not.toContain("2.0");
    expect(lines.find(({ event }) => event === "prune.refused")).toMatchObject({
      level: "error",
      imageVersion: "1.0",
      advice: expect.stringContaining("delete-microvm-image-version"),
    });
  });

  it("stops at its deadline while a deletion takes long", async () => {
    const { run } = openImage({ deletionSeconds: 3_600 });

    expect(await run(120)).toEqual({ deleted: ["1.0"] });
  });

  it("begins nothing after its deadline", async () => {
    const { run, deletions } = openImage();

    expect(await run(0)).toEqual({ deleted: [] });
    expect(deletions()).toEqual([]);
  });

  it("asks for each version once in a run, although all are refused", async () => {
    const { memory, run } = openImage();
    memory.failBy((operation) => (operation === "delete" ? new RefusedError("refused") : undefined));

    await expect(run()).rejects.toBeInstanceOf(RefusedError);
    expect(memory.calls.filter((call) => call === "delete")).toHaveLength(3);
  });
});

describe("pruneImages", () => {
  it.each([
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ])("goes on with the others where one of three images refuses, and fails in the end: %i %i %i", async (...order) => {
    const opened = ["arn:one", "arn:two", "arn:three"].map((arn) => ({ arn, ...openImage() }));
    const of = (wanted: string) => {
      const found = opened.find(({ arn }) => arn === wanted);
      if (found === undefined) throw new Error(`there is no ${wanted}`);
      return found;
    };
    const ports = {
      list: (arn: string) => of(arn).memory.list(IMAGE_ARN),
      inUse: (arn: string) => of(arn).memory.inUse(IMAGE_ARN),
      delete: (arn: string, version: string) => of(arn).memory.delete(IMAGE_ARN, version),
    };
    of("arn:two").memory.failBy((operation) => (operation === "delete" ? new RefusedError("not allowed") : undefined));
    const places = [...order];
    const first = of("arn:one");
    const deps = { ...first.deps, images: ports, random: () => places.shift() ?? 0 };
    const all = opened.map(({ arn }) => ({ arn, pinned: [] }));
    const run = pruneImages(deps, all, new Date(first.clock.now().getTime() + 600_000));
    await expect(run).rejects.toThrow("not allowed");
    for (const arn of ["arn:one", "arn:three"]) expect(of(arn).deletions(), arn).not.toEqual([]);
    expect(of("arn:two").memory.left()).toContain("1.0");
  });
});
