import { setTimeout as pause } from "node:timers/promises";
import type { RunnerIdentity } from "./jit-files.ts";

/** GitHub's ids are numbers; a fake may use what it likes. */
export type JobId = number | string;

export type BrokerMessage =
  | { messageType: "job"; jobId: JobId; name: string; durationMs: number; result: string; dockerNeeded?: true }
  | { messageType: "cancel"; jobId: JobId };

const MAX_COMPLETE_ATTEMPTS = 5;
const COMPLETE_PAUSE_MS = 200;

/** The runner has a session already. */
export class SessionConflictError extends Error {
  override readonly name = "SessionConflictError";
}

/** GitHub gives no job to a runner of this version; the message is GitHub's own. */
export class RunnerTooOldError extends Error {
  override readonly name = "RunnerTooOldError";
}

/** GitHub no longer knows the runner. */
export class RegistrationGoneError extends Error {
  override readonly name = "RegistrationGoneError";
}

export interface Broker {
  createSession(): Promise<string>;
  /** Undefined when there was nothing to tell. */
  nextMessage(sessionId: string, signal: AbortSignal): Promise<BrokerMessage | undefined>;
  sendLog(jobId: JobId, lines: string[]): Promise<void>;
  completeJob(jobId: JobId, sessionId: string, result: string): Promise<void>;
  deleteSession(sessionId: string): Promise<void>;
}

/** The runner's side of the GitHub simulator's broker. */
export function connectBroker(identity: RunnerIdentity, version: string): Broker {
  const call = async (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> => {
    const response = await fetch(`${identity.serverUrl}${path}`, {
      method,
      headers: { "content-type": "application/json", authorization: `Bearer ${identity.clientId}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status === 401) throw new RegistrationGoneError();
    if (response.status === 409) throw new SessionConflictError("a session for this runner already exists");
    if (response.status === 403) throw await readRefusal(response);
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
    return response;
  };
  const job = (jobId: JobId) => `/jobs/${encodeURIComponent(jobId)}`;
  return {
    async createSession() {
      const { agentId, agentName, clientId } = identity;
      const response = await call("POST", "/sessions", { agentId, agentName, clientId, version });
      return ((await response.json()) as { sessionId: string }).sessionId;
    },
    async nextMessage(sessionId, signal) {
      const response = await call("GET", `/message?sessionId=${encodeURIComponent(sessionId)}`, undefined, signal);
      return response.status === 204 ? undefined : ((await response.json()) as BrokerMessage);
    },
    async sendLog(jobId, lines) {
      await call("POST", `${job(jobId)}/log`, { lines });
    },
    async completeJob(jobId, sessionId, result) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await call("POST", `${job(jobId)}/complete`, { sessionId, result });
          return;
        } catch (error: unknown) {
          if (attempt >= MAX_COMPLETE_ATTEMPTS || error instanceof RegistrationGoneError) throw error;
          await pause(COMPLETE_PAUSE_MS);
        }
      }
    },
    async deleteSession(sessionId) {
      await call("DELETE", `/sessions/${encodeURIComponent(sessionId)}`);
    },
  };
}

async function readRefusal(response: Response): Promise<Error> {
  const body = (await response.json()) as { errorKind?: string; errorMessage?: string };
  const message = body.errorMessage ?? "forbidden";
  return body.errorKind === "RunnerVersionTooOld" ? new RunnerTooOldError(message) : new Error(message);
}
