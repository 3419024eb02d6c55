import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What came of one invocation. */
export type InvocationResult =
  | { kind: "success"; payload: string }
  | { kind: "error"; errorType: string; errorMessage: string };

export interface RuntimeApi {
  /** What a runtime is given as AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Resolves when the runtime asks for its first event, or with why it never will. */
  readonly ready: Promise<InvocationResult | undefined>;
  /** Hands an event to the runtime; the runtime must be idle. */
  invoke(invocation: { requestId: string; event: string; deadlineMs: number }): Promise<InvocationResult>;
  /** Ends what is open, because the runtime's process is gone or will be. */
  abort(errorType: string, errorMessage: string): void;
  stop(): void;
}

/** Payload of a synchronous response (Lambda quotas): 6 MB. */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024;

/** Serves the Lambda Runtime API (2018-06-01) to the runtime of one execution environment. */
export async function startRuntimeApi(functionArn: string): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;
  let current: { requestId: string; resolve: (result: InvocationResult) => void } | undefined;
  let pending: { requestId: string; event: string; deadlineMs: number } | undefined;
  let markReady: (failure: InvocationResult | undefined) => void = () => undefined;
  const ready = new Promise<InvocationResult | undefined>((resolve) => {
    markReady = resolve;
  });

  function deliver(): void {
    if (waiting === undefined || pending === undefined) return;
    waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": pending.requestId,
      "lambda-runtime-deadline-ms": String(pending.deadlineMs),
      "lambda-runtime-invoked-function-arn": functionArn,
    });
    waiting.end(pending.event);
    waiting = undefined;
    pending = undefined;
  }

  function settle(requestId: string, result: InvocationResult): boolean {
    if (current?.requestId !== requestId) return false;
    const { resolve } = current;
    current = undefined;
    resolve(result);
    return true;
  }

  function receive(path: string, body: string): boolean {
    if (path === "/2018-06-01/runtime/init/error") {
      markReady(errorResult(body));
      return true;
    }
    const [, requestId = "", kind] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (kind === "error") return settle(requestId, errorResult(body));
    if (kind !== "response") return false;
    if (Buffer.byteLength(body) > MAX_RESPONSE_BYTES) {
      return settle(requestId, {
        kind: "error",
        errorType: "Function.ResponseSizeTooLarge",
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
      });
    }
    return settle(requestId, { kind: "success", payload: body });
  }

  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (request.method === "GET" && path === "/2018-06-01/runtime/invocation/next") {
      waiting = response;
      markReady(undefined);
      deliver();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const known = receive(path, Buffer.concat(chunks).toString());
      response.writeHead(known ? 202 : 403, { "content-type": "application/json" });
      response.end(known ? '{"status":"OK"}' : '{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has an address of this form

  return {
    address: `127.0.0.1:${port}`,
    ready,
    invoke(invocation) {
      return new Promise((resolve) => {
        current = { requestId: invocation.requestId, resolve };
        pending = invocation;
        deliver();
      });
    },
    abort(errorType, errorMessage) {
      const result: InvocationResult = { kind: "error", errorType, errorMessage };
      markReady(result);
      if (current !== undefined) settle(current.requestId, result);
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function errorResult(body: string): InvocationResult {
  let error: unknown;
  try {
    error = JSON.parse(body);
  } catch {
    error = undefined;
  }
  const member = (name: string) =>
    typeof error === "object" && error !== null && name in error
      ? String(Object.entries(error).find(([key]) => key === name)?.[1])
      : "";
  return { kind: "error", errorType: member("errorType") || "Unhandled", errorMessage: member("errorMessage") };
}
