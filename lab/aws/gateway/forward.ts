import { request as httpRequest } from "node:http";
import type { Reply } from "./service.ts";
import type { RawRequest } from "./verify-signature.ts";

/** Passes a request on to an emulator and brings back its answer. */
export function forward(address: string, request: RawRequest): Promise<Reply> {
  const url = new URL(address);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        hostname: url.hostname,
        port: url.port,
        method: request.method,
        path: request.target,
        headers: { ...request.headers, host: url.host, "content-length": String(request.body.length) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const headers: Record<string, string> = {};
          for (const [name, value] of Object.entries(response.headers)) {
            if (value === undefined || name === "content-length" || name === "connection" || name === "keep-alive")
              continue;
            if (name === "transfer-encoding") continue;
            headers[name] = Array.isArray(value) ? value.join(",") : value;
          }
          resolve({ status: response.statusCode ?? 502, headers, body: Buffer.concat(chunks) });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(request.body);
  });
}
