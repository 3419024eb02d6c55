import { vi } from "vitest";

/** A bound that only a run which is stuck meets; vitest's own second is one that a busy machine meets too. */
export const PATIENCE_MS = 240_000;

/** Resolves when `check` passes. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: 20 });
}
