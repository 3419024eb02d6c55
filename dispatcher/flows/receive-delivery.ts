import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { readDelivery } from "../core/delivery.ts";
import { scopeOf } from "../core/runner-classes.ts";
import { isSigned } from "../core/signature.ts";
import { empty, rawBody, text, verify, type WebhookDeps } from "./webhook-request.ts";

/**
 * A `workflow_job` delivery has some tens of KB. A function URL accepts 6 MB (Lambda quotas), which, nested as deep as
 * it goes, takes more memory to parse than the function has.
 */
const MAX_BODY_BYTES = 1024 * 1024;
/**
 * Verifies a delivery of GitHub, and queues what it means to the dispatcher: a 2xx says that the message is in the
 * queue.
 */
export async function receiveDelivery(
  deps: WebhookDeps,
  event: LambdaFunctionURLEvent,
): Promise<LambdaFunctionURLResult> {
  const body = rawBody(event);
  if (body.length > MAX_BODY_BYTES) return empty(413);
  const signature = event.headers["x-hub-signature-256"];
  const deliveryId = (event.headers["x-github-delivery"] ?? "").slice(0, 64);
  const log = deps.log.with({ deliveryId });
  if (signature === undefined || !(await verify(deps, (secrets) => isSigned(body, signature, secrets)))) {
    log.warn("delivery.rejected", { reason: signature === undefined ? "signature missing" : "signature wrong" });
    return empty(401);
  }
  if (!/^application\/json\b/i.test(event.headers["content-type"] ?? "")) {
    log.warn("delivery.rejected", { reason: "content type" });
    return text(415, "set the webhook's content type to application/json");
  }
  const { environment } = deps;
  const decision = readDelivery(
    {
      scope: scopeOf(environment, await deps.classes()),
      classes: environment.CLASSES_PARAM,
      runnerNamePrefix: environment.RUNNER_NAME_PREFIX,
    },
    { event: event.headers["x-github-event"] ?? "", deliveryId, body: body.toString("utf8") },
  );
  switch (decision.kind) {
    case "malformed":
      log.warn("delivery.rejected", { reason: decision.reason });
      return text(400, decision.reason);
    case "ignore":
      log.info("delivery.ignored", { reason: decision.reason });
      return text(200, decision.reason === "pong" ? "pong" : `ignored: ${decision.reason}`);
    case "enqueue":
      await deps.queue.send(decision.message);
      log.info("delivery.queued", { type: decision.message.type, jobId: decision.message.jobId });
      return text(202, "queued");
  }
}
