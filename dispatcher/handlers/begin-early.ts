import { processEnvironment } from "../config.ts";

/**
 * Makes what a function works with while its file is loaded, and begins what its first invocation would wait for: until
 * then Lambda gives it more of a processor than its memory pays for, and secrets and connections cost processor time.
 * Only where `handler` is the function's own, since other functions start from the same file with other rights. What
 * fails is left to the invocation, which tries it again and says why it fails.
 */
export function beginEarly<Deps>(
  handler: string,
  compose: () => Deps,
  begin: (deps: Deps) => readonly Promise<unknown>[],
): Deps | undefined {
  if (processEnvironment()._HANDLER !== handler) return undefined;
  try {
    const deps = compose();
    for (const begun of begin(deps)) begun.catch(() => undefined);
    return deps;
  } catch {
    return undefined;
  }
}
