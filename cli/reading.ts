import { ConfigurationError, DispatcherError, NotFoundError } from "../dispatcher/errors.ts";
import type { Known } from "./core/finding.ts";

/** What does not exist or is malformed failed its check; what may not be read, or not now, was not looked at. */
export async function reading<T>(read: () => Promise<T>, fix?: string): Promise<Known<T>> {
  try {
    return { value: await read() };
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    if (error instanceof ConfigurationError) return { fail: error.message, fix: "set it, then terraform apply" };
    if (error instanceof NotFoundError && fix !== undefined) return { fail: error.message, fix };
    return { skip: error.message };
  }
}
