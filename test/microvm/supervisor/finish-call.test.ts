import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "../../../contract/log.ts";
import { makeFinishCall } from "../../../microvm/supervisor/finish-call.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers each path with a status; it notes what it was asked. */
async function serve(answers: Record<string, { status: number; location?: string }>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(`${request.method} ${path}`);
    const { status, location } = answers[path] ?? { status: 404 };
    response.writeHead(status, location === undefined ? {} : { location }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function call(url: string): Promise<string[]> {
  const lines: string[] = [];
  // No time: one attempt, and the log says what became of it.
  await makeFinishCall(
    { url, body: { launchId: "11-1" }, forMs: 0 },
    createLogger((line) => lines.push(line)),
  );
  return lines.map((line) => JSON.parse(line).event);
}

describe("the finish call", () => {
  it.each([301, 302, 307, 308])(
    "does not follow a redirection (%i): its MAC is for the webhook alone",
    async (status) => {
      const elsewhere = await serve({ "/taken": { status: 202 } });
      const { asked, url } = await serve({ "/finish": { status, location: `${elsewhere.url}/taken` } });

      expect(await call(`${url}/finish`)).toEqual(["finish.failed"]);

      expect(asked).toEqual(["POST /finish"]);
      expect(elsewhere.asked).toEqual([]);
    },
  );

  it("is over once it is accepted, or refused for good", async () => {
    const { url } = await serve({ "/finish": { status: 202 }, "/refused": { status: 401 } });

    expect(await call(`${url}/finish`)).toEqual(["finish.accepted"]);
    expect(await call(`${url}/refused`)).toEqual(["finish.refused"]);
  });
});
