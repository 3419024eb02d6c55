import type { Message } from "../../../../lab/github/broker.ts";
import { readJitConfig } from "./client.ts";

export interface TestRunner {
  /** Status of the answer. */
  open(version?: string): Promise<number>;
  /** Undefined when there was nothing to tell. */
  poll(signal?: AbortSignal): Promise<Message | number | undefined>;
  log(jobId: number, lines: string[]): Promise<number>;
  complete(jobId: number, result: string): Promise<number>;
  close(): Promise<number>;
}

/** Speaks a runner's protocol step by step, as a test says. */
export function createTestRunner(encodedJitConfig: string): TestRunner {
  const files = readJitConfig(encodedJitConfig);
  const { AgentId, AgentName, ServerUrlV2 } = files[".runner"] ?? {};
  const credentials = files[".credentials"]?.Data as { ClientId: string };
  let sessionId = "";
  const call = (method: string, path: string, body?: object, signal?: AbortSignal) =>
    fetch(`${ServerUrlV2}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    async open(version = "2.338.0") {
      const identity = { agentId: Number(AgentId), agentName: AgentName, clientId: credentials.ClientId, version };
      const response = await call("POST", "/sessions", identity);
      const body = (await response.json()) as { sessionId?: string };
      sessionId = body.sessionId ?? sessionId;
      return response.status;
    },
    async poll(signal) {
      const response = await call("GET", `/message?sessionId=${sessionId}`, undefined, signal);
      if (response.status === 204) return undefined;
      return response.ok ? ((await response.json()) as Message) : response.status;
    },
    log: async (jobId, lines) => (await call("POST", `/jobs/${jobId}/log`, { sessionId, lines })).status,
    complete: async (jobId, result) => (await call("POST", `/jobs/${jobId}/complete`, { sessionId, result })).status,
    close: async () => (await call("DELETE", `/sessions/${sessionId}`)).status,
  };
}
