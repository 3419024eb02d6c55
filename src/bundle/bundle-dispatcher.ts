import { bundleScript } from "./bundle-script.ts";

/** The files of `dispatcher.zip`, and what each is bundled from. */
export const DISPATCHER_ENTRIES = {
  "dispatcher.js": "dispatcher/handlers/control.ts",
  "refresh.js": "dispatcher/handlers/refresh.ts",
  "webhook.js": "dispatcher/handlers/webhook.ts",
} as const;

/** The files of `dispatcher.zip`. */
export async function bundleDispatcher(): Promise<Map<string, string>> {
  const files = Object.entries(DISPATCHER_ENTRIES).map(
    async ([name, entry]): Promise<[string, string]> => [name, await bundleScript(entry)],
  );
  return new Map(await Promise.all(files));
}
