import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Api } from "./api.ts";
import type { Broker } from "./broker.ts";
import { serveBroker } from "./broker-routes.ts";
import type { WebAnswer, WebRequest } from "./web.ts";

export const BROKER_PATH = "/_services/broker";
const GHES_PREFIX = "/api/v3";
const FORM = "application/x-www-form-urlencoded";

/** What answers; given once the address is known. */
export interface Services {
  api: Api;
  broker: Broker;
  ghes: boolean;
  /** The pages; undefined: there is none. */
  web(request: WebRequest): Promise<WebAnswer | undefined>;
  /** How long every call of the API takes longer than it would. */
  slowMs(): number;
  /** Is told of calls that miss the API's base. */
  onOutside(method: string, path: string): void;
}

export interface GitHubServer {
  origin: string;
  serve(services: Services): void;
  close(): Promise<void>;
}

/** Listens on a free port of this machine; every call before `serve` is answered with 503. */
export async function listen(): Promise<GitHubServer> {
  let services: Services | undefined;
  const server = createServer((request, response) => {
    route(services, request, response).catch((error: unknown) => {
      if (request.destroyed || response.headersSent) response.destroy();
      else send(response, 500, {}, { message: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(given) {
      services = given;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function route(
  services: Services | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (services === undefined) return send(response, 503, {}, { message: "Service unavailable" });
  const url = new URL(request.url ?? "/", "http://github.invalid");
  const body = await text(request);
  if (url.pathname.startsWith(BROKER_PATH)) {
    const path = url.pathname.slice(BROKER_PATH.length);
    const answer = await serveBroker(services.broker, request, path, url.searchParams, body);
    return send(response, answer.status, {}, answer.body);
  }
  const page = await services.web({
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    form: new URLSearchParams(request.headers["content-type"]?.startsWith(FORM) ? body : ""),
    origin: request.headers.origin,
  });
  if (page !== undefined) return sendPage(response, page);
  if (services.slowMs() > 0) await new Promise((resolve) => setTimeout(resolve, services.slowMs()));
  const path = belowBase(url.pathname, services.ghes);
  if (path === undefined) {
    services.onOutside(request.method ?? "GET", url.pathname);
    return send(response, 404, {}, { message: "Not Found" });
  }
  const answer = await services.api.handle({
    method: request.method ?? "GET",
    path,
    query: url.search,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()])),
    body,
  });
  if (answer === "cut") return void request.socket.destroy();
  send(response, answer.status, answer.headers, answer.body);
}

function belowBase(path: string, ghes: boolean): string | undefined {
  // The Terraform provider takes any host but GitHub's own for a GitHub Enterprise Server, and so asks below its
  // prefix.
  if (path.startsWith(`${GHES_PREFIX}/`)) return path.slice(GHES_PREFIX.length);
  return ghes ? undefined : path;
}

/** Base URL of the API of a GitHub at `origin`. */
export function apiUrlOf(origin: string, ghes: boolean): string {
  return ghes ? `${origin}${GHES_PREFIX}` : origin;
}

function sendPage(response: ServerResponse, { status, location, html = "" }: WebAnswer): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    ...(location === undefined ? {} : { location }),
  });
  response.end(html);
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "x-github-media-type": "github.v3; format=json",
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
