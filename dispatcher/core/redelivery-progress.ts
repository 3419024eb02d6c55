import * as v from "valibot";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const hookProgress = v.object({
  /** Unix time in milliseconds: what was delivered before is dealt with; so is what is 24 hours old. */
  floorMs: milliseconds,
  /** A scan that is under way; without a cursor it is at its first page. */
  scan: v.exactOptional(v.object({ startedMs: milliseconds, cursor: v.exactOptional(v.string()) })),
  /** Why GitHub lets nobody look at it or ask for its deliveries, and when that was last told. */
  refused: v.exactOptional(v.pipe(v.tuple([v.string(), milliseconds]), v.readonly())),
});

export type HookProgress = v.InferOutput<typeof hookProgress>;

/** What the redeliver function remembers between runs, as it is stored. */
export const redeliveryProgress = v.object({
  hooks: v.pipe(v.record(v.string(), hookProgress), v.readonly()),
  /**
   * By GUID: when its first known attempt failed, and when the latest attempt failed that GitHub was asked to repeat.
   */
  chains: v.pipe(v.record(v.string(), v.pipe(v.tuple([milliseconds, milliseconds]), v.readonly())), v.readonly()),
  /** The hook that comes next. */
  next: v.exactOptional(v.string()),
  /** By how many milliseconds GitHub's clock was ahead of ours when it last told. */
  aheadMs: v.exactOptional(v.pipe(v.number(), v.finite())),
  /** GitHub asked not to be called before. */
  waitUntilMs: v.exactOptional(milliseconds),
  /** Calls made in the last hour: when, and how many. */
  calls: v.pipe(v.array(v.pipe(v.tuple([milliseconds, count]), v.readonly())), v.readonly()),
  /** One run at a time. */
  lease: v.exactOptional(v.object({ holder: v.string(), untilMs: milliseconds })),
});

export type RedeliveryProgress = v.InferOutput<typeof redeliveryProgress>;

/** Before the first run. */
export const INITIAL_REDELIVERY: RedeliveryProgress = { hooks: {}, chains: {}, calls: [] };
