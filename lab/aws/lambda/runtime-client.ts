/**
 * The Node.js runtime inside an execution environment: loads the handler and asks the Runtime API for one event after the
 * other. Runs as a process of its own, in a folder of its own, with the environment that Lambda gives a function: it imports
 * nothing of the lab's.
 */
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { inspect } from "node:util";

// The lab has no internet. LAB_HOST, `https://api.acme.ghe.com=http://127.0.0.1:1234`, says who here stands in for one of its hosts;
// of github.com's archives it knows that they are there, unless it is told otherwise.
const [publicHost = "", localHost = ""] = (process.env.LAB_HOST ?? "").split("=");
const fetchReally = globalThis.fetch;
const fetchFromNetwork: typeof fetch = (input, init) =>
  publicHost !== "" && typeof input === "string" && input.startsWith(`${publicHost}/`)
    ? fetchReally(`${localHost}${input.slice(publicHost.length)}`, init)
    : fetchReally(input, init);
globalThis.fetch = (input, init) => {
  const isArchive =
    typeof input === "string" && /^https:\/\/github\.com\/[^/]+\/[^/]+\/releases\/download\//.test(input);
  if (!isArchive || init?.method !== "HEAD") return fetchFromNetwork(input, init);
  return Promise.resolve(new Response(null, { status: process.env.LAB_GITHUB_COM === "down" ? 503 : 200 }));
};

const environment = process.env;
const api = environment.AWS_LAMBDA_RUNTIME_API ?? "";
const base = "/2018-06-01/runtime";
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let requestId: string | undefined;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function call(method: "GET" | "POST", path: string, body = "", headers: Record<string, string> = {}): Promise<Answer> {
  const [hostname, port] = api.split(":");
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        hostname,
        port,
        method,
        path: `${base}${path}`,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function describe(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

async function report(path: string, error: unknown): Promise<void> {
  const description = describe(error);
  const label = path === "/init/error" ? "Uncaught Exception" : "Invoke Error";
  process.stdout.write(
    `${new Date().toISOString()}\t${requestId ?? "undefined"}\tERROR\t${label} \t${JSON.stringify(description)}\n`,
  );
  await call("POST", path, JSON.stringify(description), {
    "content-type": "application/json",
    "lambda-runtime-function-error-type": description.errorType,
  });
}

class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

type Handler = (event: unknown, context: unknown) => unknown;

async function loadHandler(): Promise<Handler> {
  const name = environment._HANDLER ?? "";
  const root = environment.LAMBDA_TASK_ROOT ?? "";
  const match = /^(.+)\.([^./]+)$/.exec(name);
  if (match === null) throw new RuntimeError("Runtime.MalformedHandlerName", "Bad handler");
  const [, file = "", exported = ""] = match;
  const require = createRequire(join(root, "index.js"));
  let module: Record<string, unknown>;
  try {
    module = require(join(root, file));
  } catch (error: unknown) {
    const missing = error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
    if (!missing) throw error;
    throw new RuntimeError("Runtime.ImportModuleError", `Error: ${error.message}`);
  }
  const handler = module[exported];
  if (typeof handler !== "function") {
    throw new RuntimeError("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  }
  // The nodejs24.x runtime has no callback handlers any more.
  if (handler.length >= 3) {
    throw new RuntimeError(
      "Runtime.CallbackHandlerDeprecated",
      "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.",
    );
  }
  return (event, context) => handler(event, context);
}

function contextOf(headers: Answer["headers"]) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// The runtime's console puts time, request and level before the text and keeps each message in one event.
function patchConsole(): void {
  const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE" } as const;
  for (const [method, level] of Object.entries(levels)) {
    Object.assign(console, {
      [method]: (...values: unknown[]) => {
        const text = values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" ");
        const line = text.replace(/\n/g, "\r");
        process.stdout.write(`${new Date().toISOString()}\t${requestId ?? "undefined"}\t${level}\t${line}\n`);
      },
    });
  }
}

function exitOn(event: "uncaughtException" | "unhandledRejection", code: number): void {
  process.on(event, (error: unknown) => {
    const name = event === "unhandledRejection" ? "Runtime.UnhandledPromiseRejection" : "Runtime.UncaughtException";
    const wrapped = new RuntimeError(name, String(error));
    const path = requestId === undefined ? "/init/error" : `/invocation/${requestId}/error`;
    report(path, wrapped).finally(() => process.exit(code));
  });
}

async function main(): Promise<void> {
  patchConsole();
  exitOn("unhandledRejection", 128);
  exitOn("uncaughtException", 129);
  let handler: Handler;
  try {
    handler = await loadHandler();
  } catch (error: unknown) {
    await report("/init/error", error);
    process.exit(1);
  }
  for (;;) {
    requestId = undefined;
    const next = await call("GET", "/invocation/next");
    requestId = String(next.headers["lambda-runtime-aws-request-id"]);
    try {
      const result = await handler(JSON.parse(next.body), contextOf(next.headers));
      const body = JSON.stringify(result === undefined ? null : result);
      await call("POST", `/invocation/${requestId}/response`, body, { "content-type": "application/json" });
    } catch (error: unknown) {
      await report(`/invocation/${requestId}/error`, error);
    }
  }
}

void main();
