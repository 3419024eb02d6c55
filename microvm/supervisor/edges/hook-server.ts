import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Logger } from "../../../contract/log.ts";
import type { HookAnswer } from "../hooks.ts";

/** The envelope around 4,096 bytes; JSON may escape each of them as six. */
const MAX_BODY_BYTES = 32_768;
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;

/** Serves the lifecycle hooks; resolves with the port once it listens. Nothing that a client sends ends the process. */
export async function serveHooks(
  port: number,
  answer: (method: string, path: string, body: string) => Promise<HookAnswer>,
  log: Logger,
): Promise<{ server: Server; port: number }> {
  const server = createServer(async (request, response) => {
    // A connection that is kept alive is dead after a suspend, and the hook that meets it is refused
    // (docs/PLATFORM-NOTES.md#lifecycle-hooks).
    response.setHeader("Connection", "close");
    response.on("error", () => {});
    const path = request.url ?? "";
    let result: HookAnswer;
    try {
      result = await answer(request.method ?? "", path, await readBody(request));
    } catch (error: unknown) {
      log.warn("hook.malformed", { path: path.slice(0, 100), problem: problemOf(error) });
      result = { status: error instanceof BodyError ? 400 : 500 };
    }
    if (result.afterwards !== undefined) response.once("close", result.afterwards);
    response.writeHead(result.status, { "Content-Type": "application/json" });
    response.end("{}");
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  server.on("clientError", (error, socket) => {
    log.info("hook.not-http", { problem: (error as NodeJS.ErrnoException).code ?? "unknown" });
    if (!socket.writable) return void socket.destroy();
    socket.on("error", () => {});
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  server.listen(port, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : port };
}

class BodyError extends Error {}

/**
 * A body that is too long is read to its end all the same, up to a bound: a client cut short would not see the answer.
 */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else if (size > MAX_DRAINED_BYTES) break;
    }
  } catch {
    throw new BodyError("the body ended early");
  }
  if (size > MAX_BODY_BYTES) throw new BodyError(`the body is longer than ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(chunks).toString("utf8");
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
