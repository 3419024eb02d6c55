/**
 * All that MiniStack 1.5.33 does otherwise than AWS, put right between it and whoever calls it: a proxy that forwards every call
 * and changes the ones below. Each says what is different, where that stands in MiniStack, and what AWS says.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createSavedQueries } from "./query-bridge.ts";
import { type Call, createSignAgain } from "./sign-again.ts";

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

export interface RunRequest {
  microvmId: string;
  imageArn: string;
  runHookPayload: string;
  clientToken: string;
}

export interface BridgeOptions {
  upstream: string;
  /** MiniStack has no machine behind a MicroVM without Docker (services/lambda_microvms.py, `_run_microvm`): these two are it. */
  onRun(request: RunRequest): void;
  onTerminate(microvmId: string): void;
}

export interface Bridge {
  endpoint: string;
  /** Calls of MicroVMs by operation, oldest first. */
  operations: readonly { operation: string; at: number }[];
  /** What MiniStack answered to calls that it refused, oldest first. */
  refused: readonly string[];
  /** Messages that were sent to a queue, so far. */
  readonly sent: number;
  stop(): Promise<void>;
}

const MICROVMS = "/2025-09-09/microvms";
const IMAGES = "/2025-09-09/microvm-images/";
/** What a delayed message waits for at most: a chain of delays that takes hours on AWS passes in seconds. */
const MAX_DELAY_SECONDS = 1;

export async function startBridge(port: number, options: BridgeOptions): Promise<Bridge> {
  const operations: { operation: string; at: number }[] = [];
  let sent = 0;
  const signAgain = createSignAgain(options.upstream);
  const refused: string[] = [];
  const forward = async (call: Call) => {
    const reply = await send(options.upstream, await signAgain(call));
    if (reply.status === 403 || /AccessDenied/.test(String(reply.body).slice(0, 500))) refused.push(String(reply.body));
    return reply;
  };
  const tokens = new Map<string, Promise<Answer>>();
  const deleted = new Set<string>();
  const savedQueries = createSavedQueries();

  async function answer(call: Call): Promise<Answer> {
    const [path = ""] = call.target.split("?");
    const note = (operation: string) => operations.push({ operation, at: Date.now() });
    if (call.method === "POST" && path === MICROVMS) {
      note("RunMicrovm");
      return await runOnce(call);
    }
    if (call.method === "DELETE" && path.startsWith(`${MICROVMS}/`)) {
      note("TerminateMicrovm");
      const reply = await forward(call);
      if (reply.status < 300) options.onTerminate(decodeURIComponent(path.slice(MICROVMS.length + 1)));
      return reply;
    }
    if (path.startsWith(IMAGES)) return await image(call, decodeURIComponent(path.slice(IMAGES.length)));
    if (call.headers["x-amz-target"]?.startsWith("AmazonSQS.SendMessage")) {
      sent += call.body.split('"MessageBody"').length - 1;
      return await forward(sooner(call));
    }
    const saved = savedQueries(call.headers["x-amz-target"], call.body);
    return saved === undefined ? local(await forward(call)) : json(200, saved);
  }

  /**
   * A repeated client token starts a second MicroVM (`_run_microvm` reads none). AWS answers with the first one: "clientToken: a
   * unique, case-sensitive identifier that you provide to ensure the idempotency of the request" (API reference, RunMicrovm).
   */
  function runOnce(call: Call): Promise<Answer> {
    const { clientToken = "", runHookPayload = "" } = record(call.body);
    const run = async () => {
      const reply = await forward(call);
      const { microvmId, imageArn = "" } = record(String(reply.body));
      if (microvmId !== undefined) options.onRun({ microvmId, imageArn, runHookPayload, clientToken });
      return reply;
    };
    const known = clientToken === "" ? undefined : tokens.get(clientToken);
    const reply = known ?? run();
    if (clientToken !== "") tokens.set(clientToken, reply);
    return reply;
  }

  /** `DeleteMicrovmImage` is "Unsupported MicroVM request" (`handle_request`); on AWS the image is gone after it. */
  async function image(call: Call, name: string): Promise<Answer> {
    if (call.method === "DELETE") {
      deleted.add(name);
      return json(202, { imageArn: name, state: "DELETING" });
    }
    if (!deleted.has(name)) return await forward(call);
    return json(
      404,
      { message: `MicroVM image ${name} not found` },
      { "x-amzn-errortype": "ResourceNotFoundException" },
    );
  }

  /** A function URL names a host of AWS (services/lambda_svc.py: `on.aws`); on this machine the emulator serves it by path. */
  function local(reply: Answer): Answer {
    const url = /"FunctionUrl": ?"https:\/\/([a-z0-9]+)\.lambda-url\.[a-z0-9-]+\.on\.aws\/"/;
    const found = url.exec(String(reply.body));
    if (found === null) return reply;
    const body = String(reply.body).replace(url, `"FunctionUrl": "${options.upstream}/_aws/lambda-url/${found[1]}/"`);
    return { ...reply, body };
  }

  const server = createServer((incoming, response) => {
    read(incoming)
      .then(answer)
      .then((reply) => write(response, reply))
      .catch((error: unknown) => write(response, json(502, { message: String(error) })));
  });
  await listen(server, port);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations,
    refused,
    get sent() {
      return sent;
    },
    async stop() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function sooner(call: Call): Call {
  const body = call.body.replace(/"DelaySeconds":(\d+)/g, (_, seconds: string) => {
    return `"DelaySeconds":${Math.min(Number(seconds), MAX_DELAY_SECONDS)}`;
  });
  return { ...call, body };
}

async function send(upstream: string, { method, target, headers, body }: Call): Promise<Answer> {
  const { host: _host, "content-length": _length, connection: _connection, expect: _expect, ...rest } = headers;
  const response = await fetch(`${upstream}${target}`, {
    method,
    // What calls AWS over TLS comes here without: the module's policies refuse that, and MiniStack takes a proxy's word
    // (app.py, `pin_request_origin`).
    headers: { ...rest, "x-forwarded-proto": "https" },
    ...(method === "GET" || method === "HEAD" ? {} : { body: Buffer.from(body, "latin1") }),
    redirect: "manual",
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const kept: [string, string][] = [];
  response.headers.forEach((value, name) => {
    if (!/^(content-(length|encoding)|transfer-encoding|connection|keep-alive)$/.test(name)) kept.push([name, value]);
  });
  return { status: response.status, headers: Object.fromEntries(kept), body: bytes };
}

async function read(incoming: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  // One character for each byte, so that an artifact passes unchanged.
  return {
    method: incoming.method ?? "GET",
    target: incoming.url ?? "/",
    headers,
    body: Buffer.concat(chunks).toString("latin1"),
  };
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers);
  response.end(body);
}

function json(status: number, body: object, headers: Record<string, string> = {}): Answer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** The texts of a JSON object; nothing of what is none. */
function record(text: string): Record<string, string | undefined> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each === "string"));
  } catch {
    return {};
  }
}

function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", resolve);
  return promise;
}
