/** What the refresh function and the one that asks GitHub share, each an item of the jobs table. */
import * as v from "valibot";
import { NOTHING_REFRESHED } from "../core/nothing-refreshed.ts";
import type { RefreshState } from "../core/refresh-state.ts";
import { NO_HOLD, type RunnerHold, runnerHold } from "../core/runner-hold.ts";
import { NO_RELEASES, RUNNER_VERSION, type RunnerReleases, SHA256 } from "../core/runner-releases.ts";
import type { Cell } from "../ports.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";
import { createVersionedCell, type Sleep } from "./versioned-cell.ts";
import { itemId } from "./versioned-items.ts";

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const runner = v.pipe(v.string(), v.regex(RUNNER_VERSION));
const sha256 = v.pipe(v.string(), v.regex(SHA256));

const releases = v.object({
  checkedMs: milliseconds,
  enforced: v.boolean(),
  releases: v.array(v.object({ version: runner, sha256, seenMs: milliseconds })),
  refusedFromMs: v.record(v.string(), v.nullable(milliseconds)),
}) satisfies v.GenericSchema<unknown, RunnerReleases>;

const state = v.object({
  versions: v.record(
    v.string(),
    v.object({
      ...{ runner, runnerSha256: sha256, builtMs: milliseconds, context: v.string(), key: v.string() },
      ...{ base: v.string(), baseImageArn: v.string(), own: v.boolean() },
    }),
  ),
  build: v.exactOptional(
    v.object({
      rule: v.picklist(["heal", "return", "rescue", "renew", "age"]),
      ...{ from: v.string(), runner, attempted: v.string(), key: v.string(), startedMs: milliseconds },
      ...{ rescue: v.boolean(), expected: v.string() },
      version: v.exactOptional(v.string()),
      stale: v.exactOptional(v.boolean()),
    }),
  ),
  failures: v.record(v.string(), v.object({ count, lastMs: milliseconds })),
  lastOwn: v.exactOptional(v.string()),
  newest: v.exactOptional(v.object({ runner, sha256 })),
  withdrawn: v.array(runner),
  covered: v.exactOptional(v.string()),
  turn: v.exactOptional(v.object({ attempted: v.string(), sinceMs: milliseconds })),
}) satisfies v.GenericSchema<unknown, RefreshState>;

/** What GitHub says of the runner's releases: item `runner`. */
export function createDynamodbReleases(fetch: SignedFetch, tableName: string, sleep?: Sleep): Cell<RunnerReleases> {
  return createVersionedCell<RunnerReleases>({
    ...{ fetch, tableName, id: "runner", schema: releases, initial: NO_RELEASES, sleep },
  });
}

/** What the refresh function remembers of an image: item `image`, and `image#NAME` for another than the default's. */
export function createDynamodbRefreshState(
  fetch: SignedFetch,
  tableName: string,
  { image }: { image?: string | undefined } = {},
): Cell<RefreshState> {
  const id = itemId("image", image);
  return createVersionedCell<RefreshState>({ fetch, tableName, id, schema: state, initial: NOTHING_REFRESHED });
}

/** Launches that are held, if they are: item `hold`, and `hold#NAME` for another image than the default's. */
export function createDynamodbHold(
  fetch: SignedFetch,
  tableName: string,
  { image, sleep }: { image?: string | undefined; sleep?: Sleep } = {},
): Cell<RunnerHold> {
  const id = itemId("hold", image);
  return createVersionedCell<RunnerHold>({ fetch, tableName, id, schema: runnerHold, initial: NO_HOLD, sleep });
}
