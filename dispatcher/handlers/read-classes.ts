import { type RunnerClassesDocument, runnerClasses } from "../../contract/runner-classes.ts";
import { parseSecret } from "../config.ts";
import type { Secrets } from "../ports.ts";

/**
 * The runner classes of this deployment. A parameter's version never changes, and with another one the function is
 * started afresh: it is read once. `parameter`: `NAME:VERSION`, as SSM takes it for a name; empty: there are no
 * classes.
 */
export function readClasses(parameters: Secrets, parameter: string): () => Promise<RunnerClassesDocument> {
  let reading: Promise<RunnerClassesDocument> | undefined;
  const read = async () => parseSecret(runnerClasses, parameter, await parameters.get(parameter));
  return () => {
    if (parameter === "") return Promise.resolve({});
    reading ??= read().catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
}
