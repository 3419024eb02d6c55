import type { RefreshState } from "./refresh-state.ts";

/**
 * Before the refresh function's first run. It stands alone, for functions that read the state and change nothing in it.
 */
export const NOTHING_REFRESHED: RefreshState = { versions: {}, failures: {}, withdrawn: [] };
