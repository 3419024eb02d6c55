import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Account } from "../account.ts";
import type { LabClock } from "../clock.ts";
import type { EventLog } from "../event-log.ts";
import type { Iam } from "../iam/iam.ts";
import type { Functions } from "./functions.ts";
import { urlEvent } from "./url-event.ts";
import { urlReply } from "./url-reply.ts";

export interface FunctionUrl {
  functionName: string;
  urlId: string;
  /** Ends with a slash, as AWS gives it. */
  url: string;
}

export interface FunctionUrls {
  /** Opens a URL of authorization type NONE. */
  create(functionName: string): Promise<FunctionUrl>;
  get(functionName: string): FunctionUrl | undefined;
  delete(functionName: string): Promise<void>;
  stop(): Promise<void>;
}

/** A synchronous invocation takes 6 MB (Lambda quotas). */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** Function URLs, each on a port of its own. */
export function createFunctionUrls(options: {
  account: Account;
  clock: LabClock;
  events: EventLog;
  iam: Iam;
  functions: Functions;
}): FunctionUrls {
  const { functions, iam, events } = options;
  const urls = new Map<string, { url: FunctionUrl; server: Server }>();

  // A URL without authorization still asks the function's own policy, for both actions (since October 2025).
  async function isPublic(functionName: string): Promise<boolean> {
    const arn = functions.arn(functionName);
    const url = await iam.allowsAnybody(arn, "lambda:InvokeFunctionUrl", { "lambda:FunctionUrlAuthType": "NONE" });
    return url && (await iam.allowsAnybody(arn, "lambda:InvokeFunction", { "lambda:InvokedViaFunctionUrl": "true" }));
  }

  async function answer(url: FunctionUrl, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return json(response, 413, "Request Entity Too Large");
    if (!(await isPublic(url.functionName))) return json(response, 403, "Forbidden");
    const event = urlEvent(request, body, {
      urlId: url.urlId,
      accountId: options.account.accountId,
      domain: `${url.urlId}.lambda-url.${options.account.region}.on.aws`,
      now: options.clock.now(),
    });
    if (Buffer.byteLength(JSON.stringify(event)) > MAX_BODY_BYTES)
      return json(response, 413, "Request Entity Too Large");
    const result = await functions.invoke(url.functionName, event);
    if (result.kind === "throttled") return json(response, 429, "Rate Exceeded.");
    const reply = result.kind === "success" ? urlReply(result.payload) : undefined;
    // Nothing of the function's error leaves.
    if (reply === undefined) return text(response, 502, "Internal Server Error");
    events.emit("url.answered", { function: url.functionName, path: request.url ?? "/", status: reply.status });
    if (reply.cookies.length > 0) response.setHeader("set-cookie", reply.cookies);
    response.writeHead(reply.status, { ...reply.headers, "content-length": String(reply.body.length) });
    response.end(reply.body);
  }

  async function close(functionName: string): Promise<void> {
    const entry = urls.get(functionName);
    urls.delete(functionName);
    if (entry === undefined) return;
    const closed = new Promise<void>((resolve) => entry.server.close(() => resolve()));
    entry.server.closeAllConnections();
    await closed;
  }

  return {
    async create(functionName) {
      const urlId = randomBytes(16).toString("hex");
      const url: FunctionUrl = { functionName, urlId, url: "" };
      const server = createServer((request, response) => {
        answer(url, request, response).catch((error: unknown) => {
          process.stderr.write(`lab function URL: ${error instanceof Error ? (error.stack ?? "") : String(error)}\n`);
          if (!response.headersSent) text(response, 500, "Internal Server Error");
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo; // a TCP server that listens has an address of this form
      url.url = `http://127.0.0.1:${port}/`;
      urls.set(functionName, { url, server });
      return url;
    },
    get: (functionName) => urls.get(functionName)?.url,
    delete: close,
    async stop() {
      await Promise.all([...urls.keys()].map(close));
    },
  };
}

// Reads on when the body is too large, so that the client gets to read the answer.
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

function json(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ Message: message }));
}

function text(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(message);
}
