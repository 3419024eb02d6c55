import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface ReceivedWebhook {
  headers: Record<string, string>;
  body: string;
}

/** A receiver of webhooks that keeps what it gets. */
export interface WebhookReceiver {
  url: string;
  received: ReceivedWebhook[];
  /** The next answers; then 200. `never`: no answer at all. */
  answerWith(...statuses: (number | "never")[]): void;
  close(): Promise<void>;
}

/** Listens on a free port of this machine. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const answers: (number | "never")[] = [];
  const server = createServer(async (request, response) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    received.push({ headers, body: await text(request) });
    const status = answers.shift() ?? 200;
    if (status !== "never") response.writeHead(status).end("noted");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    answerWith: (...statuses) => void answers.push(...statuses),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
