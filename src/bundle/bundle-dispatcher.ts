import { bundleScript } from "./bundle-script.ts";

/** The files of `dispatcher.zip`, and what each is bundled from. */
const ENTRIES = {
  "dispatcher.js": "dispatcher/handlers/control.ts",
  "webhook.js": "dispatcher/handlers/webhook.ts",
} as const;

/** The files of `dispatcher.zip`. */
export async function bundleDispatcher(): Promise<Map<string, string>> {
  const files = Object.entries(ENTRIES).map(
    async ([name, entry]): Promise<[string, string]> => [name, await bundleScript(entry)],
  );
  return new Map(await Promise.all(files));
}
