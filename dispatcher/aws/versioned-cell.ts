import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { RefusedError, ThrottledError } from "../errors.ts";
import type { SignedFetch } from "./transport/signed-fetch.ts";
import { createVersionedItems } from "./versioned-items.ts";

/** One small value in the table that all workers share. */
export interface VersionedCell<T> {
  read(): Promise<T>;
  /**
   * Writes what `change` makes of the value, once, whoever else writes at the same time; `change` may run more than
   * once. Nothing is written when it returns the value that it was given. Returns the value as it is then.
   */
  update(change: (value: T) => T): Promise<T>;
}

/** Waits that many milliseconds. */
export type Sleep = (ms: number) => Promise<unknown>;

export interface VersionedCellOptions<T> {
  fetch: SignedFetch;
  tableName: string;
  /** The item's key. */
  id: string;
  schema: v.GenericSchema<unknown, T>;
  /** The value before the first write. */
  initial: T;
  random?: () => number;
  sleep?: Sleep | undefined;
}

const MAX_ATTEMPTS = 12;
const BASE_DELAY_MS = 10;
const MAX_DELAY_MS = 400;

const item = v.object({
  version: v.object({ N: v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number)) }),
  state: v.object({ S: v.pipe(v.string(), v.parseJson()) }),
});

/** A cell is an item whose `state` is a JSON string; each write is conditional on the `version` that was read. */
export function createVersionedCell<T>(options: VersionedCellOptions<T>): VersionedCell<T> {
  const { id, schema, initial } = options;
  const items = createVersionedItems(options.fetch, options.tableName);
  const cell = v.object({ ...item.entries, state: v.object({ S: v.pipe(item.entries.state.entries.S, schema) }) });

  async function readVersion(): Promise<{ version: number; value: T }> {
    const found = await items.get(id, `reading item ${id}`);
    if (found === undefined) return { version: 0, value: initial };
    const read = v.safeParse(cell, found);
    if (read.success) return { version: read.output.version.N, value: read.output.state.S };
    const field = v.getDotPath(read.issues[0]) ?? "(whole)";
    throw new RefusedError(`item ${id} of the jobs table is malformed at ${field}; delete it`, {
      details: { id, field },
    });
  }

  function write(value: T, before: number): Promise<boolean> {
    const written = { id: { S: id }, version: { N: String(before + 1) }, state: { S: JSON.stringify(value) } };
    return items.put(written, `writing item ${id}`);
  }

  return {
    read: async () => (await readVersion()).value,
    async update(change) {
      const { random = Math.random, sleep: pause = (ms: number) => sleep(ms) } = options;
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const { version, value } = await readVersion();
        const next = change(value);
        if (next === value || (await write(next, version))) return next;
        await pause(random() * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** attempt));
      }
      throw new ThrottledError(`item ${id} is being written by too many at once`, {
        reason: "busy",
        retryAfterSeconds: 1,
      });
    },
  };
}
