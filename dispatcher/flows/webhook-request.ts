import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import type { WebhookEnvironment } from "../../contract/environment.ts";
import type { Logger } from "../../contract/log.ts";
import type { RunnerClassesDocument } from "../../contract/runner-classes.ts";
import type { Clock, Queue } from "../ports.ts";
import type { Recent } from "../recent.ts";
import type { CachedSecret } from "../secret-cache.ts";

/** What answering a request to the function URL needs of the world. */
export interface WebhookDeps {
  environment: WebhookEnvironment;
  /** The valid webhook secrets. */
  secrets: CachedSecret<readonly string[]>;
  queue: Queue;
  /** Classes of runners beside the default. */
  classes(): Promise<RunnerClassesDocument>;
  /** Launches whose finish call the queue has taken from this execution environment. */
  finished: Recent;
  clock: Clock;
  log: Logger;
}

/**
 * Whether the valid secrets match; a secret that was rotated a moment ago is not in the cache yet, so a mismatch is
 * final only against fresh ones.
 */
export async function verify(deps: WebhookDeps, matches: (secrets: readonly string[]) => boolean): Promise<boolean> {
  if (matches(await deps.secrets.get())) return true;
  await deps.secrets.refresh();
  return matches(await deps.secrets.get());
}

/** The bytes of the body as they were sent. */
export function rawBody(event: LambdaFunctionURLEvent): Buffer {
  return Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
}

/** An answer that is only a status. */
export function empty(statusCode: number): LambdaFunctionURLResult {
  return { statusCode };
}

/** An answer in a few words. */
export function text(statusCode: number, body: string): LambdaFunctionURLResult {
  return { statusCode, headers: { "content-type": "text/plain" }, body };
}
