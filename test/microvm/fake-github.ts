import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface FakeJob {
  jobId: string;
  name: string;
  durationMs: number;
  result: string;
  dockerNeeded?: true;
}

export interface FakeGitHub {
  readonly url: string;
  /** What the runners and the supervisors called, in order. */
  readonly calls: { method: string; path: string }[];
  readonly completed: { jobId: string; result: string }[];
  /** Bodies of the finish calls that were accepted. */
  readonly finishes: unknown[];
  readonly jobLog: string[];
  /** Queues a job for the next idle runner. */
  offer(job: FakeJob): void;
  /** Deletes every registration. */
  forget(): void;
  /** Answers the next finish calls with these statuses, later ones with 202; 0 cuts the connection. */
  failFinish(...statuses: number[]): void;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body?: unknown;
}

const POLL_MS = 1_000;

/** GitHub's side of the stand-in runner, and the webhook function's finish endpoint, in one small server. */
export async function startFakeGitHub(): Promise<FakeGitHub> {
  const jobs: FakeJob[] = [];
  const busy = new Set<string>();
  const waiting = new Set<() => void>();
  const failures: number[] = [];
  const seen: Pick<FakeGitHub, "calls" | "completed" | "finishes" | "jobLog"> = {
    calls: [],
    completed: [],
    finishes: [],
    jobLog: [],
  };
  let known = true;
  let sessions = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<Answer> => {
    const url = new URL(request.url ?? "/", "http://fake");
    const body: unknown = request.method === "POST" ? await json(request) : undefined;
    seen.calls.push({ method: request.method ?? "", path: url.pathname });
    if (url.pathname === "/finish") return finish(body);
    if (!known) return { status: 401 };
    if (url.pathname === "/sessions") {
      sessions += 1;
      return { status: 200, body: { sessionId: `s${sessions}` } };
    }
    if (url.pathname === "/message") return nextMessage(url.searchParams.get("sessionId") ?? "", response);
    const [, jobId = "", what] = /^\/jobs\/([^/]+)\/(log|complete)$/.exec(url.pathname) ?? [];
    if (what === "log") seen.jobLog.push(...(body as { lines: string[] }).lines);
    if (what === "complete") seen.completed.push({ jobId, result: (body as { result: string }).result });
    return { status: 200, body: {} };
  };
  const finish = (body: unknown): Answer => {
    const status = failures.shift() ?? 202;
    if (status === 202) seen.finishes.push(body);
    return { status };
  };
  const nextMessage = async (sessionId: string, response: ServerResponse): Promise<Answer> => {
    if (jobs.length === 0 || busy.has(sessionId)) await news(response);
    const job = response.destroyed || busy.has(sessionId) ? undefined : jobs.shift();
    if (job === undefined) return { status: 204 };
    busy.add(sessionId);
    return { status: 200, body: { messageType: "job", ...job } };
  };
  const news = (response: ServerResponse): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        waiting.delete(done);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      waiting.add(done);
      response.once("close", done);
    });

  const server = createServer((request, response) => {
    answer(request, response).then(
      ({ status, body }) => {
        if (status === 0) return void request.socket.destroy();
        response.writeHead(status, { "content-type": "application/json" });
        response.end(body === undefined ? undefined : JSON.stringify(body));
      },
      () => void response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    offer: (job) => {
      jobs.push(job);
      for (const wake of waiting) wake();
    },
    forget: () => {
      known = false;
    },
    failFinish: (...statuses) => void failures.push(...statuses),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
