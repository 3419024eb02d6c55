import { describe, expect, it } from "vitest";
import {
  forgetLaunch,
  isEager,
  NOBODY_WAITS,
  noteRefused,
  noteServed,
  type Place,
  type PlaceAsked,
  type PlacesQueue,
  ruleOnPlace,
  waitForPlace,
} from "../../../dispatcher/core/fair-places.ts";

const NOW = 1_800_000_000_000;
const SEEN = NOW - 10_000;

const held = (repository: string, count: number): Place[] =>
  Array.from({ length: count }, (_, index) => ({ launchId: `${repository}-held-${index}`, repository }));

function refused(queue: PlacesQueue, repository: string, count: number, atMs = SEEN): PlacesQueue {
  return Array.from({ length: count }, (_, index) => `${repository}-waits-${index}`).reduce(
    (before, launchId) => noteRefused(before, { repository, launchId }, atMs),
    queue,
  );
}

function ask(repository: string, change: Partial<PlaceAsked>): PlaceAsked {
  const launch = { launchId: `${repository}-new`, repository };
  return {
    ...launch,
    places: [],
    queue: NOBODY_WAITS,
    limit: 10,
    each: Number.POSITIVE_INFINITY,
    nowMs: NOW,
    claimedMs: SEEN,
    ...change,
  };
}

const rule = (repository: string, change: Partial<PlaceAsked>) => ruleOnPlace(ask(repository, change));
const FULL = { kind: "wait", reason: "max_concurrency", seconds: 40 };
const PROMPT = { kind: "wait", reason: "max_concurrency", seconds: 3 };
const SHARE = { kind: "wait", reason: "share", seconds: 40 };

describe("a place", () => {
  it("is given while one is free and nobody was refused", () => {
    expect(rule("a", { places: held("a", 9) })).toEqual({ kind: "take" });
    expect(rule("a", { places: held("a", 10) })).toEqual(FULL);
  });

  it("is given again to the launch that has it", () => {
    const places = [...held("a", 9), { launchId: "a-new", repository: "a" }];
    expect(rule("a", { places, queue: refused(NOBODY_WAITS, "b", 1), each: 1 })).toEqual({ kind: "take" });
  });

  it("is kept from a repository that holds its share while another below it was refused within 90 s", () => {
    const queue = refused(NOBODY_WAITS, "b", 1);
    expect(rule("a", { places: held("a", 5), queue })).toEqual(SHARE);
    expect(rule("a", { places: held("a", 10), queue })).toEqual(SHARE);
    expect(rule("a", { places: held("a", 4), queue })).toEqual({ kind: "take" });
    expect(rule("a", { places: held("a", 5), queue, nowMs: SEEN + 89_999 })).toEqual(SHARE);
    expect(rule("a", { places: held("a", 5), queue, nowMs: SEEN + 90_000 })).toEqual({ kind: "take" });
  });

  it("is not kept for a repository that has its share, or whose waiting launch got a place", () => {
    const queue = refused(NOBODY_WAITS, "b", 1);
    expect(rule("a", { places: [...held("a", 4), ...held("b", 5)], queue })).toEqual({ kind: "take" });
    const got = [...held("a", 5), { launchId: "b-waits-0", repository: "b" }];
    expect(rule("a", { places: got, queue })).toEqual({ kind: "take" });
  });

  it("is not kept for a repository that its own bound keeps from it", () => {
    const queue = refused(NOBODY_WAITS, "b", 1);
    expect(rule("a", { places: [...held("a", 1), ...held("b", 2)], queue, each: 2 })).toEqual({ kind: "take" });
  });

  it("goes to whoever holds least among those below their share, and no more are kept than these need", () => {
    const queue = refused(NOBODY_WAITS, "b", 1);
    const others = (count: number) => held("c", count);
    expect(rule("a", { places: [...held("a", 2), ...others(7)], queue })).toMatchObject({ kind: "wait" });
    expect(rule("a", { places: [...held("a", 2), ...others(6)], queue })).toEqual({ kind: "take" });
    expect(rule("b", { places: [...held("a", 2), ...others(7)], queue })).toEqual({ kind: "take" });
  });

  it("goes in turn where all hold the same, so that one place serves all repositories", () => {
    let queue = refused(refused(NOBODY_WAITS, "a", 5), "b", 1);
    expect(rule("a", { limit: 1, queue })).toEqual({ kind: "take" });
    queue = noteServed(queue, { repository: "a", launchId: "a-new" }, NOW);
    expect(rule("a", { limit: 1, queue })).toEqual({ ...PROMPT, reason: "share" });
    expect(rule("b", { limit: 1, queue })).toEqual({ kind: "take" });
  });

  it("is given by the bound alone when it is not known who waits", () => {
    expect(rule("a", { places: held("a", 9), queue: undefined })).toEqual({ kind: "take" });
    expect(rule("a", { places: held("a", 10), queue: undefined })).toEqual(FULL);
  });

  it("is refused to a repository that has all that it may have", () => {
    const bound = { kind: "wait", reason: "max_concurrency_per_repository", seconds: 40 };
    expect(rule("a", { places: held("a", 2), each: 2 })).toEqual(bound);
    expect(rule("b", { places: held("a", 2), each: 2 })).toEqual({ kind: "take" });
    expect(waitForPlace(ask("a", { limit: Number.POSITIVE_INFINITY, each: 2 }))).toEqual(bound);
  });

  it("counts for no repository where an older release took it", () => {
    const places = Array.from({ length: 10 }, (_, index) => ({ launchId: `${index}-1` }));
    expect(rule("a", { places })).toEqual({ ...FULL, seconds: 3 });
    expect(rule("a", { places: places.slice(1) })).toEqual({ kind: "take" });
  });
});

describe("a launch that waits", () => {
  it("asks again soon when its repository is below its share, and later the more of these there are", () => {
    const places = held("a", 10);
    expect(rule("b", { places })).toEqual({ ...FULL, seconds: 3 });
    let queue = NOBODY_WAITS;
    for (let index = 0; index < 9; index++) queue = refused(queue, `other-${index}`, 20);
    const many = rule("b", { places: held("a", 100), queue, limit: 100 });
    expect(many).toEqual({ kind: "wait", reason: "max_concurrency", seconds: 9 });
  });

  it("waits as long as any other when more of its repository are noted than are heeded", () => {
    expect(rule("b", { places: held("a", 10), queue: refused(NOBODY_WAITS, "b", 20) })).toEqual(FULL);
  });
});

describe("a launch that has waited long", () => {
  it("asks again after a fortieth of its wait, and as often as any other in the end", () => {
    const places = held("a", 10);
    const asksAfter = (seconds: number) => rule("b", { places, claimedMs: NOW - seconds * 1_000 });
    expect(asksAfter(159)).toEqual(PROMPT);
    expect(asksAfter(400)).toEqual({ ...PROMPT, seconds: 10 });
    expect(asksAfter(100_000)).toEqual(FULL);
  });

  it("is not hurried while GitHub refuses it, for as long as it has, from half a minute to a quarter of an hour", () => {
    const places = held("a", 10);
    const refusedFor = (seconds: number, agoSeconds: number) => {
      const refusedMs = NOW - agoSeconds * 1_000;
      return ask("b", { places, refusedMs, claimedMs: refusedMs - seconds * 1_000 });
    };
    expect(isEager(ask("b", { places }))).toBe(true);
    expect(ruleOnPlace(refusedFor(1, 29))).toEqual(FULL);
    expect(ruleOnPlace(refusedFor(1, 30))).toEqual(PROMPT);
    expect(isEager(refusedFor(300, 299))).toBe(false);
    expect(isEager(refusedFor(300, 300))).toBe(true);
    expect(isEager(refusedFor(9_000, 899))).toBe(false);
    expect(isEager(refusedFor(9_000, 900))).toBe(true);
  });
});

describe("the queue for places", () => {
  it("is written anew only when a launch says after 30 s that it still waits", () => {
    const queue = refused(NOBODY_WAITS, "b", 1);
    const launch = { repository: "b", launchId: "b-waits-0" };
    expect(noteRefused(queue, launch, SEEN + 29_999)).toBe(queue);
    expect(noteRefused(queue, launch, SEEN + 30_000).waiting).toEqual({ b: { "b-waits-0": SEEN + 30_000 } });
  });

  it("holds 20 launches of a repository and 200 repositories, and drops whoever asked no more", () => {
    const launches = refused(NOBODY_WAITS, "b", 30);
    expect(Object.keys(launches.waiting.b ?? {})).toHaveLength(20);
    let queue = NOBODY_WAITS;
    for (let index = 0; index < 250; index++) queue = refused(queue, `r${index}`, 1);
    expect(Object.keys(queue.waiting)).toHaveLength(200);
    const later = noteRefused(queue, { repository: "b", launchId: "b-new" }, SEEN + 90_000);
    expect(later.waiting).toEqual({ b: { "b-new": SEEN + 90_000 } });
  });

  it("forgets a launch that got a place or waits no more, and is untouched by any other", () => {
    const queue = refused(NOBODY_WAITS, "b", 1);
    const launch = { repository: "b", launchId: "b-waits-0" };
    expect(forgetLaunch(queue, launch).waiting.b).toEqual({});
    expect(forgetLaunch(queue, { repository: "b", launchId: "b-other" })).toBe(queue);
    expect(noteServed(queue, launch, NOW)).toEqual(NOBODY_WAITS);
    expect(noteServed(queue, { repository: "b", launchId: "b-other" }, NOW)).toBe(queue);
  });

  it("remembers for an hour who was served while others waited", () => {
    const queue = noteServed(refused(NOBODY_WAITS, "b", 1), { repository: "a", launchId: "a-new" }, NOW);
    expect(queue.served).toEqual({ a: NOW });
    expect(refused(queue, "b", 1, NOW + 3_600_000).served).toEqual({});
  });
});
