import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import * as v from "valibot";
import { finishCall } from "../../contract/finish-call.ts";
import { parseLaunchId } from "../core/runner-name.ts";
import { isFinishMac } from "../core/signature.ts";
import { empty, rawBody, verify, type WebhookDeps } from "./webhook-request.ts";

/** Verifies a MicroVM's call and queues the end of its launch. */
export async function receiveFinishCall(
  deps: WebhookDeps,
  event: LambdaFunctionURLEvent,
): Promise<LambdaFunctionURLResult> {
  const call = v.safeParse(
    v.pipe(v.string(), v.maxLength(1_024), v.parseJson(), finishCall),
    rawBody(event).toString(),
  );
  if (!call.success) return empty(400);
  const { launchId, expiresAt, problem, runner } = call.output;
  const log = deps.log.with({ launchId, jobId: parseLaunchId(launchId)?.jobId });
  if (expiresAt < deps.clock.now().getTime() / 1_000) {
    log.warn("finish.rejected", { reason: "expired" });
    return empty(401);
  }
  if (!(await verify(deps, (secrets) => isFinishMac(call.output, secrets)))) {
    log.warn("finish.rejected", { reason: "mac wrong" });
    return empty(401);
  }
  // Another execution environment may queue it once more: the dispatcher finds that nothing is left to do.
  if (deps.finished.has(launchId)) {
    log.info("finish.repeated");
    return empty(202);
  }
  await deps.queue.send({
    type: "finish",
    source: "vm",
    launchId,
    ...(problem === undefined ? {} : { problem }),
    ...(runner === undefined ? {} : { runner }),
  });
  deps.finished.add(launchId);
  log.info("finish.queued", problem === undefined ? {} : { problem });
  return empty(202);
}
