import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../../contract/log.ts";
import { classifyFinishAnswer, finishPauseMs } from "./core/finish-retry.ts";
import type { FinishOrder } from "./edges/finish-process.ts";

const ATTEMPT_MS = 10_000;

/**
 * Posts the finish call until it is accepted, refused for good or out of time. The MicroVM's end does not depend on it.
 */
export async function makeFinishCall(order: FinishOrder, log: Logger): Promise<void> {
  const deadline = Date.now() + order.forMs;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await post(order);
    const verdict = classifyFinishAnswer(answer);
    const fields = { attempt, answer };
    if (verdict === "accepted") return log.info("finish.accepted", fields);
    if (verdict === "refused") return log.error("finish.refused", fields);
    const pauseMs = finishPauseMs(attempt, Math.random());
    if (Date.now() + pauseMs >= deadline) return log.error("finish.failed", fields);
    log.warn("finish.retrying", { ...fields, pauseMs });
    await pause(pauseMs);
  }
}

async function post(order: FinishOrder): Promise<number | string> {
  try {
    const response = await fetch(order.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order.body),
      redirect: "error",
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error: unknown) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.name : "unknown");
  }
}
