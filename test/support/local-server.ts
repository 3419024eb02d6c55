import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  method: string;
  /** As it was sent: still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** `hang`: no answer ever; `drop`: the connection is cut. */
export type Reply = { status: number; headers?: Readonly<Record<string, string>>; body?: string } | "hang" | "drop";

export interface LocalServer {
  url: string;
  /** Every request so far. */
  requests: SeenRequest[];
  close(): Promise<void>;
}

/** An HTTP server on a free port of this machine. */
export async function startLocalServer(answer: (request: SeenRequest) => Reply | Promise<Reply>): Promise<LocalServer> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const seen = await readRequest(incoming);
    requests.push(seen);
    const reply = await answer(seen);
    if (reply === "hang") return;
    if (reply === "drop") {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
    response.end(reply.body ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const [path = "", query = ""] = (incoming.url ?? "").split("?");
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const body = Buffer.concat(chunks).toString("utf8");
  return { method: incoming.method ?? "", path, query: new URLSearchParams(query), headers, body };
}
