/** The entry of `dispatcher.js`. Three functions share it, because most of each are the same clients. */
export { handler } from "./dispatcher.ts";
export { handler as prune } from "./prune.ts";
export { handler as redeliver } from "./redeliver.ts";
