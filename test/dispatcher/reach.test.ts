import { afterAll, beforeAll, expect, it } from "vitest";
import { reachByHead } from "../../dispatcher/reach.ts";
import { type LocalServer, type Reply, startLocalServer } from "../support/local-server.ts";

const REPLIES: Readonly<Record<string, Reply>> = {
  "/there": { status: 200 },
  "/moved": { status: 302, headers: { location: "/there" } },
  "/round": { status: 302, headers: { location: "/round" } },
  "/gone": { status: 404 },
  "/down": { status: 503 },
  "/moved-to-gone": { status: 302, headers: { location: "/gone" } },
  "/cut": "drop",
};

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer(({ path }) => REPLIES[path] ?? "hang");
});
afterAll(() => server.close());

it.each([
  ["/there", true],
  ["/moved", true],
  ["/round", false],
  ["/gone", false],
  ["/down", false],
  ["/moved-to-gone", false],
  ["/cut", false],
])("tells whether %s could be downloaded: %s", async (path, expected) => {
  expect(await reachByHead()(`${server.url}${path}`)).toBe(expected);
});

it("asks for the head alone, and loads nothing", async () => {
  server.requests.length = 0;
  await reachByHead()(`${server.url}/moved`);
  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["HEAD /moved", "HEAD /there"]);
});

it("gives up after a while, and takes what is no address for what it is", async () => {
  const seen: (AbortSignal | null | undefined)[] = [];
  const reach = reachByHead((_, init) => {
    seen.push(init?.signal);
    return Promise.reject(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  });
  expect(await reach("https://github.com/")).toBe(false);
  expect(seen).toEqual([expect.any(AbortSignal)]);
  expect(await reachByHead()("no address")).toBe(false);
});
