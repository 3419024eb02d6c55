import { bundleScript } from "./bundle-script.ts";

/** Functions whose code is in `dispatcher.zip`: handler `<name>.handler` is `<name>.js` in it. */
const HANDLERS = ["dispatcher", "webhook"] as const;

/** The files of `dispatcher.zip`. */
export async function bundleDispatcher(): Promise<Map<string, string>> {
  const files = HANDLERS.map(
    async (name): Promise<[string, string]> => [`${name}.js`, await bundleScript(`dispatcher/handlers/${name}.ts`)],
  );
  return new Map(await Promise.all(files));
}
