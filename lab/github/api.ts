import { readFileSync } from "node:fs";
import { type Document, OpenAPIBackend, type Operation, type Request } from "openapi-backend";
import { ApiError, errorBody } from "./api-error.ts";
import { createApiFaults } from "./api-faults.ts";
import { appOperations } from "./app-operations.ts";
import { authenticate, authorise, type Caller, principalOf } from "./authorise.ts";
import type { ApiCall } from "./call-log.ts";
import { GHES_VERSION } from "./ghes-version.ts";
import { hookOperations } from "./hook-operations.ts";
import { jobOperations } from "./job-operations.ts";
import type { Answer, Operations } from "./operation.ts";
import { NEEDS, type Need } from "./permissions.ts";
import { runnerOperations } from "./runner-operations.ts";
import { userOperations } from "./user-operations.ts";
import type { Views } from "./view.ts";
import type { World } from "./world.ts";

export interface ApiRequest {
  method: string;
  /** Below the base of the API. */
  path: string;
  query: string;
  headers: Record<string, string | undefined>;
  body: string;
}

export interface ApiAnswer extends Answer {
  headers: Record<string, string>;
}

export interface Api {
  /** `cut`: the connection is to be cut without an answer. */
  handle(request: ApiRequest): Promise<ApiAnswer | "cut">;
  failNext: ReturnType<typeof createApiFaults>["failNext"];
  calls(): readonly ApiCall[];
  /** Answers of ours that GitHub's description does not allow, and errors of the simulator itself. */
  failures(): readonly string[];
}

const operations: Operations = {
  ...appOperations,
  ...runnerOperations,
  ...jobOperations,
  ...hookOperations,
  ...userOperations,
  "rate-limit/get": ({ world, caller }) => {
    if (!world.limits.enabled) throw new ApiError(404, "Rate limiting is not enabled.");
    const core = world.limits.view(principalOf(caller));
    return { status: 200, body: { resources: { core, search: core }, rate: core } };
  },
};

/** The formats that the description names. */
const FORMATS = {
  "date-time": (text: string) => !Number.isNaN(Date.parse(text)) && text.includes("T"),
  email: (text: string) => text.includes("@"),
  int64: { type: "number" as const, validate: Number.isSafeInteger },
  timestamp: { type: "number" as const, validate: Number.isSafeInteger },
  uri: (text: string) => URL.canParse(text),
};

/** GitHub's REST API, as far as `api.json` describes it. */
export async function createApi(world: World, views: Views): Promise<Api> {
  const definition: Document = JSON.parse(readFileSync(new URL("./api.json", import.meta.url), "utf8"));
  const backend = new OpenAPIBackend({
    definition,
    quick: true,
    coerceTypes: true,
    ajvOpts: { strict: false, formats: FORMATS },
  });
  await backend.init();
  const faults = createApiFaults();
  const calls: ApiCall[] = [];
  const failures: string[] = [];

  /** Answers as GitHub does; `exchange` is told who calls and what for as soon as that is known. */
  const answer = async (exchange: Exchange): Promise<Answer> => {
    const { request, wire, operation, note } = exchange;
    if (operation === undefined) throw new ApiError(404, "Not Found");
    const need = NEEDS[operation.operationId ?? ""];
    const perform = operations[operation.operationId ?? ""];
    if (need === undefined || perform === undefined) throw new Error(`${operation.operationId} is not served`);
    if ("permission" in need) note.permission = `${need.permission}:${need.access}`;
    const caller = authenticate(world, request.headers.authorization, need);
    noteCaller(note, caller);
    exchange.principal = principalOf(caller);
    if (operation.operationId !== "rate-limit/get") world.limits.count(exchange.principal);
    const parsed = backend.router.parseRequest(wire, operation);
    const scope = authorise(world, caller, need, parsed.params);
    checkRequest(backend, exchange, operation);
    const given = await perform({
      ...{ world, views, caller, scope },
      userAgent: request.headers["user-agent"],
      params: texts(parsed.params),
      query: texts(parsed.query),
      body: (parsed.requestBody ?? {}) as Record<string, unknown>,
      url: new URL(`${world.addresses.apiUrl}${request.path}${request.query}`),
    });
    return { ...given, headers: { ...given.headers, ...accepted(need) } };
  };

  const answerOrRefuse = async (exchange: Exchange): Promise<Answer> => {
    try {
      return await answer(exchange);
    } catch (error: unknown) {
      if (error instanceof ApiError) return refusal(error);
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      failures.push(`${exchange.note.method} ${exchange.note.route}: ${text}`);
      return refusal(new ApiError(500, "the simulator failed"));
    }
  };

  const close = ({ note, principal }: Exchange, { status, body, headers }: Answer): ApiAnswer => {
    note.status = status;
    calls.push(note);
    world.events.emit("api.call", { method: note.method, route: note.route, status });
    return { status, body, headers: { ...rateHeaders(world, principal), ...headers } };
  };

  return {
    async handle(request) {
      const wire = toWire(request);
      const operation = backend.router.matchOperation(wire);
      const exchange: Exchange = { request, wire, operation, note: newNote(world, request, operation) };
      const fault = faults.take(request.method, exchange.note.route, request.path);
      if (fault === "timeout") {
        close(exchange, { status: 0 });
        return "cut";
      }
      if (typeof fault === "number")
        return close(exchange, refusal(new ApiError(fault, "the lab made this call fail")));
      const given = await answerOrRefuse(exchange);
      const problem = operation === undefined ? undefined : findProblem(backend, operation, given);
      if (problem !== undefined) failures.push(`${request.method} ${exchange.note.route} ${given.status}: ${problem}`);
      const closed = close(exchange, given);
      return fault === "timeout-after-effect" ? "cut" : closed;
    },
    failNext: faults.failNext,
    calls: () => calls,
    failures: () => failures,
  };
}

interface Exchange {
  request: ApiRequest;
  wire: Request;
  operation: Operation | undefined;
  note: ApiCall;
  /** Whose hour the call counts in. */
  principal?: string;
}

/** What the description has against the answer; it leaves out most of what any call may be refused with. */
function findProblem(backend: OpenAPIBackend, operation: Operation, { status, body }: Answer): string | undefined {
  if (!(String(status) in (operation.responses ?? {}))) {
    return status < 400 ? "the description has no such status" : undefined;
  }
  const { errors } = backend.validateResponse(body ?? null, operation, status);
  return errors && errors.length > 0 ? JSON.stringify(errors).slice(0, 600) : undefined;
}

/** 400 for a body that is not JSON, 422 for one that the description does not allow. */
function checkRequest(backend: OpenAPIBackend, { wire, request }: Exchange, operation: Operation): void {
  if (typeof wire.body === "string") throw new ApiError(400, "Problems parsing JSON");
  // GitHub takes any body as JSON, whatever its type says.
  const type = request.body === "" ? {} : { "content-type": "application/json" };
  const { errors } = backend.validateRequest({ ...wire, headers: { ...wire.headers, ...type } }, operation);
  if (!errors || errors.length === 0) return;
  const problems = errors.map(({ instancePath, message }) =>
    `${instancePath.replace(/^\/requestBody\/?/, "")} ${message}`.trim(),
  );
  throw new ApiError(422, `Invalid request.\n\n${problems.join("\n")}`);
}

function toWire({ method, path, query, headers, body }: ApiRequest): Request {
  return { method, path, query, headers: texts(headers), ...(body === "" ? {} : { body: parseBody(body) }) };
}

/** The text itself when it is not JSON. */
function parseBody(body: string): Record<string, unknown> | string {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function texts(values: Record<string, unknown> | undefined): Record<string, string> {
  const given = Object.entries(values ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function refusal(error: ApiError): Answer {
  return { status: error.status, body: errorBody(error), headers: error.headers };
}

function newNote(world: World, { method, path }: ApiRequest, operation: Operation | undefined): ApiCall {
  return {
    at: world.clock.now(),
    method,
    route: operation?.path ?? path,
    path,
    operationId: operation?.operationId ?? null,
    status: 0,
    permission: null,
    caller: "nobody",
    repositories: null,
    permissions: null,
  };
}

function noteCaller(note: ApiCall, caller: Caller): void {
  note.caller = caller.kind;
  if (caller.kind !== "installation") return;
  note.repositories = caller.token.repositories?.map(({ fullName }) => fullName) ?? "all";
  note.permissions = { ...caller.token.permissions };
}

function accepted(need: Need): Record<string, string> {
  return "permission" in need ? { "x-accepted-github-permissions": `${need.permission}=${need.access}` } : {};
}

function rateHeaders(world: World, principal: string | undefined): Record<string, string> {
  const { ghes } = world.addresses;
  if (ghes) return { "x-github-enterprise-version": GHES_VERSION };
  if (principal === undefined) return {};
  const { limit, remaining, used, reset } = world.limits.view(principal);
  return {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-used": String(used),
    "x-ratelimit-reset": String(reset),
    "x-ratelimit-resource": "core",
  };
}
