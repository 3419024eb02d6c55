import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { FINISH_PATH } from "../../contract/finish-call.ts";
import { receiveDelivery } from "./receive-delivery.ts";
import { receiveFinishCall } from "./receive-finish-call.ts";
import { empty, type WebhookDeps } from "./webhook-request.ts";

/** Answers one request to the function URL. Never throws: what goes wrong here is a 500 without details. */
export async function receiveRequest(
  deps: WebhookDeps,
  event: LambdaFunctionURLEvent,
): Promise<LambdaFunctionURLResult> {
  try {
    const { method, path } = event.requestContext.http;
    if (path === FINISH_PATH) return method === "POST" ? await receiveFinishCall(deps, event) : empty(405);
    if (path !== "/") return empty(404);
    return method === "POST" ? await receiveDelivery(deps, event) : empty(405);
  } catch (error: unknown) {
    deps.log.error("webhook.failed", { error: error instanceof Error ? `${error.name}: ${error.message}` : "unknown" });
    return empty(500);
  }
}
