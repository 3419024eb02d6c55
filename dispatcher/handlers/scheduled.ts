/** The entry of `scheduled.js`: the functions that a schedule invokes, and for which nobody waits. */
export { handler as prune } from "./prune.ts";
export { handler as redeliver } from "./redeliver.ts";
export { handler as refresh } from "./refresh.ts";
