import { HOOK_BASE_PATH } from "../../contract/hooks.ts";
import type { Logger } from "../../contract/log.ts";
import { parseRunRequest, type RunRequest } from "./core/run-request.ts";
import type { Warmer } from "./ports.ts";
import type { Supervision } from "./supervise.ts";

export interface HookAnswer {
  status: number;
  /** What is to happen once the answer is on its way. */
  afterwards?: () => void;
}

export interface HookDeps {
  supervision: Supervision;
  warmer: Warmer;
  log: Logger;
  /** The `terminate` hook waits this long for the runner, so that its job is cancelled and not just lost. */
  terminateWait: () => Promise<void>;
}

/**
 * Answers one lifecycle hook. Every hook may be sent again (Lambda MicroVMs guide): the second time changes nothing.
 */
export async function answerHook(method: string, path: string, body: string, deps: HookDeps): Promise<HookAnswer> {
  const name = path.startsWith(`${HOOK_BASE_PATH}/`) ? path.slice(HOOK_BASE_PATH.length + 1) : undefined;
  if (method !== "POST") return { status: 404 };
  switch (name) {
    case "ready":
    case "validate":
      return { status: WARMTH_STATUS[deps.warmer.poll(name)] };
    case "run":
      return answerRun(body, deps);
    case "suspend":
    case "resume":
      deps.log.info(`hook.${name}`);
      return { status: 200 };
    case "terminate":
      deps.log.info("hook.terminate");
      deps.supervision.stop("the MicroVM is being terminated");
      await Promise.race([deps.supervision.over, deps.terminateWait()]);
      return { status: 200 };
    default:
      return { status: 404 };
  }
}

/** 503 means "ask again"; a 4xx fails the image's build at once instead of at its timeout. */
const WARMTH_STATUS = { warming: 503, warm: 200, failed: 400 } as const;

function answerRun(body: string, { supervision, log }: HookDeps): HookAnswer {
  let request: RunRequest;
  try {
    request = parseRunRequest(body);
  } catch (error: unknown) {
    log.error("hook.run.malformed", { problem: error instanceof Error ? error.message : "unknown" });
    return { status: 400 };
  }
  const fields = { launchId: request.payload.launchId, microvmId: request.microvmId };
  switch (supervision.accept(request)) {
    case "accepted":
      log.info("hook.run", fields);
      return { status: 200, afterwards: () => supervision.begin() };
    case "known":
      log.info("hook.run.repeated", fields);
      return { status: 200 };
    case "refused":
      log.warn("hook.run.refused", { ...fields, problem: "this MicroVM has another launch already" });
      return { status: 409 };
  }
}
