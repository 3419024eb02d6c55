/** The entry of `dispatcher.js`. Two functions share it, because most of each is the same GitHub client. */
export { handler } from "./dispatcher.ts";
export { handler as redeliver } from "./redeliver.ts";
