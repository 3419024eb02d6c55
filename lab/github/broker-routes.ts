import type { IncomingMessage } from "node:http";
import type { Broker } from "./broker.ts";
import type { Conclusion } from "./jobs.ts";
import type { Answer } from "./operation.ts";

const gone: Answer = { status: 401, body: { message: "The runner registration has been deleted from the server." } };
const unknown: Answer = { status: 404, body: { message: "Not Found" } };
const malformed: Answer = { status: 400, body: { message: "Bad request" } };

/** BrokerError of actions/runner; the status is not on record, the runner goes by the kind. */
const tooOld = (version: string): Answer => ({
  status: 403,
  body: {
    source: "actions-broker-listener",
    errorKind: "RunnerVersionTooOld",
    statusCode: 403,
    errorMessage: `Runner version v${version} is deprecated and cannot receive messages.`,
  },
});

/** The protocol between a stand-in runner and the broker; `path` is below `ServerUrlV2`. */
export async function serveBroker(
  broker: Broker,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  body: string,
): Promise<Answer> {
  const [, jobId, what] = /^\/jobs\/(\d+)\/(log|complete)$/.exec(path) ?? [];
  const [, sessionId] = /^\/sessions\/([^/]+)$/.exec(path) ?? [];
  if (request.method === "DELETE" && sessionId !== undefined) {
    broker.close(decodeURIComponent(sessionId));
    return { status: 204 };
  }
  if (request.method === "GET" && path === "/message") {
    const hungUp = new AbortController();
    request.socket.once("close", () => hungUp.abort());
    const message = await broker.poll(query.get("sessionId") ?? "", hungUp.signal);
    if (message === "gone") return gone;
    if (typeof message === "object" && "tooOld" in message) return tooOld(message.tooOld);
    return message === "nothing" ? { status: 204 } : { status: 200, body: message };
  }
  if (request.method !== "POST") return unknown;
  const given = readObject(body);
  if (given === undefined) return malformed;
  if (path === "/sessions") {
    const session = broker.open(Number(given.agentId), String(given.clientId), String(given.version ?? ""));
    if (session === "gone") return gone;
    return session === "busy"
      ? { status: 409, body: { message: "The runner has a session." } }
      : { status: 200, body: session };
  }
  if (what === "log") {
    const lines = Array.isArray(given.lines) ? given.lines.map(String) : [];
    return broker.log(Number(jobId), lines) ? { status: 200, body: {} } : unknown;
  }
  if (what === "complete") {
    if (!isConclusion(given.result)) return malformed;
    const done = broker.complete(Number(jobId), String(given.sessionId), given.result);
    return done ? { status: 200, body: {} } : unknown;
  }
  return unknown;
}

function isConclusion(value: unknown): value is Conclusion {
  return value === "success" || value === "failure" || value === "cancelled";
}

function readObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
