import { afterEach, describe, expect, it } from "vitest";
import { createGitHub } from "../../../dispatcher/github/create-github.ts";
import type { GitHub } from "../../../dispatcher/ports.ts";
import { createManualClock, type ManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryGitHub, type MemoryGitHub } from "../../../lab/world/services/memory-github.ts";
import { createAppKey, steadyKey } from "../../support/app-key.ts";
import { type GitHubServer, startGitHubServer } from "../../support/github-server.ts";
import type { Reply, SeenRequest } from "../../support/local-server.ts";
import { createSecretWatch } from "../../support/secret-watch.ts";

const key = createAppKey();
const shop = { repository: "acme/shop", groupId: 0 };
const site = { repository: "acme/site", groupId: 0 };
const runner = { name: "gha-1-1", labels: ["self-hosted", "microvm"] };

interface World {
  github: GitHub;
  server: GitHubServer;
  memory: MemoryGitHub;
  clock: ManualClock;
  waits: number[];
  /** Paths asked for, below the API's. */
  paths(): string[];
}

let world: World | undefined;
afterEach(async () => {
  await world?.server.close();
  world = undefined;
});

async function create(
  options: {
    intercept?: (request: SeenRequest) => Reply | undefined;
    installationId?: number;
    privateKey?: string;
    basePath?: string;
    timeoutMs?: number;
  } = {},
): Promise<World> {
  const { intercept, installationId, privateKey = key.pkcs1, basePath = "/api/v3", timeoutMs } = options;
  const clock = createManualClock(new Date());
  const memory = createMemoryGitHub({ clock, repositories: ["acme/shop", "acme/site"] });
  const server = await startGitHubServer({
    github: memory,
    basePath,
    appId: "4711",
    publicKey: key.publicKey,
    installations: { "acme/shop": 33, "acme/site": 34 },
    now: clock.now,
    ...(intercept ? { intercept } : {}),
  });
  const waits: number[] = [];
  const github = createGitHub({
    apiUrl: server.apiUrl,
    app: { appId: "4711", key: steadyKey(privateKey), ...(installationId ? { installationId } : {}) },
    clock,
    send: { sleep: async (ms) => void waits.push(ms), random: () => 0.5, ...(timeoutMs ? { timeoutMs } : {}) },
  });
  const paths = () => server.requests.map(({ method, path }) => `${method} ${path.slice(basePath.length)}`);
  world = { github, server, memory, clock, waits, paths };
  return world;
}

/** Answers the first `times` calls whose path matches. */
function first(times: number, pattern: RegExp, reply: Reply): (request: SeenRequest) => Reply | undefined {
  let count = 0;
  return ({ path }) => (pattern.test(path) && count++ < times ? reply : undefined);
}

const message = (text: string) => JSON.stringify({ message: text });

describe("GitHub's API", () => {
  it("is called below the base URL in every call, as on GitHub Enterprise Server", async () => {
    const { github, server } = await create({ basePath: "/some/api/v3" });

    await github.registerRunner(shop, runner);

    expect(server.requests.map(({ path }) => path)).toEqual([
      "/some/api/v3/repos/acme/shop/installation",
      "/some/api/v3/app/installations/33/access_tokens",
      "/some/api/v3/repos/acme/shop/actions/runners/generate-jitconfig",
    ]);
  });

  it("is told who calls, in which version, and what the runner is to be", async () => {
    const { github, server } = await create();

    await github.registerRunner(shop, runner);

    for (const { headers } of server.requests) {
      expect(headers).toMatchObject({
        "user-agent": "terraform-aws-github-runner-lambda-microvms",
        "x-github-api-version": "2022-11-28",
        accept: "application/vnd.github+json",
      });
    }
    expect(JSON.parse(server.requests.at(-1)?.body ?? "")).toEqual({
      ...runner,
      runner_group_id: 1,
      work_folder: "_work",
    });
  });

  it.each(["pkcs1", "pkcs8"] as const)("accepts a key in %s form", async (form) => {
    const { github } = await create({ privateKey: key[form] });

    expect(await github.findRunner(shop, "gha-1-1")).toBeUndefined();
  });

  it("is not asked anything with a key that is none", async () => {
    const { github, server } = await create({ privateKey: "no key at all" });

    await expect(github.findRunner(shop, "gha-1-1")).rejects.toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining("github_app.private_key"),
    });
    expect(server.requests).toEqual([]);
  });
});

describe("installation tokens", () => {
  it("reach one repository and the permissions that the calls need", async () => {
    const { github, server } = await create();

    await github.findRunner(shop, "gha-1-1");

    const request = server.requests.find(({ path }) => path.endsWith("/access_tokens"));
    expect(JSON.parse(request?.body ?? "")).toEqual({
      repositories: ["shop"],
      permissions: { actions: "read", administration: "write" },
    });
  });

  it("are kept until shortly before they expire", async () => {
    const { github, server, clock } = await create();

    await github.findRunner(shop, "gha-1-1");
    clock.advance(54 * 60);
    await github.findRunner(shop, "gha-1-1");
    expect(server.tokens).toHaveLength(1);

    clock.advance(2 * 60);
    await github.findRunner(shop, "gha-1-1");
    expect(server.tokens).toHaveLength(2);
  });

  it("are asked for once by callers at the same time, and for each repository", async () => {
    const { github, server, paths } = await create();

    await Promise.all([shop, shop, shop, site].map((where) => github.findRunner(where, "gha-1-1")));

    expect(server.tokens).toHaveLength(2);
    expect(paths().filter((path) => path.endsWith("/installation"))).toHaveLength(2);
  });

  it("are asked for again after a failure", async () => {
    const refusal: Reply = { status: 403, body: message("suspended") };
    const { github } = await create({ intercept: first(1, /access_tokens/, refusal) });

    await expect(github.findRunner(shop, "gha-1-1")).rejects.toMatchObject({ name: "RefusedError" });
    expect(await github.findRunner(shop, "gha-1-1")).toBeUndefined();
  });

  it("are made for the installation that the job came through, else the one configured", async () => {
    const { github, paths } = await create({ installationId: 34 });

    await github.findRunner({ ...shop, installationId: 33 }, "gha-1-1");
    await github.findRunner(site, "gha-1-1");

    expect(paths().filter((path) => path.endsWith("access_tokens"))).toEqual([
      "POST /app/installations/33/access_tokens",
      "POST /app/installations/34/access_tokens",
    ]);
  });

  it("are looked up anew when the App was installed again", async () => {
    const gone: Reply = { status: 404, body: message("Not Found") };
    const { github, paths } = await create({ intercept: first(1, /access_tokens/, gone) });

    await expect(github.findRunner(shop, "gha-1-1")).rejects.toMatchObject({ name: "NotInstalledError" });
    await github.findRunner(shop, "gha-1-1");

    expect(paths().filter((path) => path.endsWith("/installation"))).toHaveLength(2);
  });

  it("are not kept after a 404: that no other is to be had tells that the repository is gone", async () => {
    const gone: Reply = { status: 404, body: message("Not Found") };
    const { github, server } = await create({ intercept: first(1, /generate-jitconfig/, gone) });

    await expect(github.registerRunner(shop, runner)).rejects.toMatchObject({ name: "NotFoundError" });
    await github.registerRunner(shop, runner);

    expect(server.tokens).toHaveLength(2);
  });

  it("are replaced once when GitHub does not accept them any more", async () => {
    const { github, server, clock } = await create();
    await github.findRunner(shop, "gha-1-1");
    clock.advance(60);
    server.revokeTokens();

    expect(await github.findRunner(shop, "gha-1-1")).toBeUndefined();

    expect(server.tokens).toHaveLength(2);
  });

  it("are tried again after a moment while they are fresh", async () => {
    const unknown: Reply = { status: 401, body: message("Bad credentials") };
    const { github, server, waits } = await create({ intercept: first(2, /actions\/runners$/, unknown) });

    expect(await github.findRunner(shop, "gha-1-1")).toBeUndefined();

    expect(server.tokens).toHaveLength(1);
    expect(waits).toEqual([1_000, 2_000]);
  });

  it("are given up when GitHub goes on refusing them", async () => {
    const unknown: Reply = { status: 401, body: message("Bad credentials") };
    const { github, paths } = await create({ intercept: first(99, /actions\/runners$/, unknown) });

    await expect(github.findRunner(shop, "gha-1-1")).rejects.toMatchObject({ name: "RefusedError" });
    expect(paths().filter((path) => path.includes("/actions/runners"))).toHaveLength(3);
  });

  it("name the permissions that the installation does not grant", async () => {
    const refusal = message("The permissions requested are not granted to this installation.");
    const { github } = await create({ intercept: first(1, /access_tokens/, { status: 422, body: refusal }) });

    await expect(github.findRunner(shop, "gha-1-1")).rejects.toMatchObject({
      name: "RefusedError",
      message: expect.stringContaining("administration: write"),
    });
  });

  it("are refused for a repository that the installation does not reach", async () => {
    const { github } = await create({ installationId: 33 });

    await expect(github.findRunner({ repository: "acme/none", groupId: 0 }, "gha-1-1")).rejects.toMatchObject({
      name: "NotInstalledError",
      message: expect.stringContaining("acme/none"),
    });
  });
});

describe("what GitHub refuses", () => {
  const now = Math.floor(Date.now() / 1_000);
  const limits: [string, Reply, number][] = [
    [
      "its primary rate limit",
      { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now + 600) } },
      600,
    ],
    ["a secondary rate limit", { status: 403, headers: { "retry-after": "17" }, body: message("slow down") }, 17],
    ["too many requests", { status: 429, headers: { "retry-after": "5" } }, 5],
    ["a limit without a time", { status: 403, body: message("You have exceeded a secondary rate limit.") }, 60],
  ];

  it.each(limits)("for %s waits as long as it says, without another call", async (_, reply, seconds) => {
    const { github, paths } = await create({ intercept: first(99, /generate-jitconfig/, reply) });

    const error = await github.registerRunner(shop, runner).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ name: "ThrottledError", disposition: "defer" });
    const { retryAfterSeconds } = error as { retryAfterSeconds: number };
    expect(Math.abs(retryAfterSeconds - seconds)).toBeLessThanOrEqual(60 * Number(seconds === 600));
    expect(paths().filter((path) => path.includes("jitconfig"))).toHaveLength(1);
  });

  it.each([
    [
      "registering",
      /generate-jitconfig/,
      "Repository permissions, Administration: Read and write",
      (github: GitHub) => github.registerRunner(shop, runner),
    ],
    ["reading a job", /jobs/, "Repository permissions, Actions: Read", (github: GitHub) => github.getJob(shop, 1)],
  ] as const)("names the permission that is missing for %s", async (_, pattern, permission, call) => {
    const reply: Reply = { status: 403, body: message("Resource not accessible by integration") };
    const { github } = await create({ intercept: first(1, pattern, reply) });

    await expect(call(github)).rejects.toMatchObject({
      name: "RefusedError",
      message: expect.stringContaining(`"${permission}"`),
    });
  });

  it("as malformed is told with its words", async () => {
    const reply: Reply = { status: 422, body: message("labels is too long") };
    const { github } = await create({ intercept: first(2, /jitconfig|runners\/5/, reply) });

    await expect(github.registerRunner(shop, runner)).rejects.toMatchObject({
      name: "RefusedError",
      message: expect.stringContaining("labels is too long"),
    });
    await expect(github.removeRunner(shop, 5)).rejects.toMatchObject({ name: "RefusedError" });
  });
});

describe("a GitHub that fails", () => {
  it.each<[string, Reply]>([
    ["an error of its own", { status: 502, headers: { "content-type": "text/html" }, body: "<html>" }],
    ["a cut connection", "drop"],
    ["no answer", "hang"],
  ])("is asked again what can be asked twice, after %s", async (_, reply) => {
    const timeoutMs = reply === "hang" ? 1_000 : 30_000;
    const { github, paths, waits } = await create({ intercept: first(2, /actions\/jobs/, reply), timeoutMs });

    expect(await github.getJob(shop, 1)).toBeUndefined();

    expect(paths().filter((path) => path.includes("/jobs/"))).toHaveLength(3);
    expect(waits.slice(-2)).toEqual([200, 400]);
  });

  it("is not asked a second time for a registration", async () => {
    const { github, paths } = await create({ intercept: first(99, /jitconfig/, { status: 502 }) });

    await expect(github.registerRunner(shop, runner)).rejects.toMatchObject({ name: "TransientError" });

    expect(paths().filter((path) => path.includes("jitconfig"))).toHaveLength(1);
  });

  it("is given up after three attempts", async () => {
    const { github, paths } = await create({ intercept: first(99, /jobs/, { status: 503 }) });

    await expect(github.getJob(shop, 1)).rejects.toMatchObject({ name: "TransientError", details: { status: 503 } });

    expect(paths().filter((path) => path.includes("/jobs/"))).toHaveLength(3);
  });

  it("is not believed when its answer has another shape", async () => {
    const reply: Reply = { status: 200, body: JSON.stringify({ status: "dreaming", conclusion: null }) };
    const { github } = await create({ intercept: first(1, /jobs/, reply) });

    await expect(github.getJob(shop, 1)).rejects.toMatchObject({
      name: "TransientError",
      details: { field: "status" },
    });
  });
});

describe("runners and jobs", () => {
  it("are found on a later page by servers that do not know the filter", async () => {
    const page = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({
        id: from + index,
        name: `gha-${from + index}-1`,
        status: "online",
        busy: false,
      }));
    const intercept = ({ path, query }: SeenRequest): Reply | undefined => {
      if (!path.endsWith("/actions/runners")) return undefined;
      const runners = query.get("page") === "1" ? page(1, 100) : page(101, 20);
      return { status: 200, body: JSON.stringify({ total_count: 120, runners }) };
    };
    const { github } = await create({ intercept });

    expect(await github.findRunner(shop, "gha-110-1")).toMatchObject({ id: 110 });
    expect(await github.findRunner(shop, "gha-999-1")).toBeUndefined();
  });

  it.each([
    ["queued", "queued"],
    ["pending", "waiting"],
    ["requested", "waiting"],
    ["waiting", "waiting"],
  ])("show a job that is %s as %s", async (status, expected) => {
    const reply: Reply = { status: 200, body: JSON.stringify({ status, conclusion: null, runner_name: "" }) };
    const { github } = await create({ intercept: first(1, /jobs/, reply) });

    expect(await github.getJob(shop, 1)).toEqual({ status: expected, conclusion: null, runnerName: null });
  });
});

describe("errors of the App", () => {
  it("show neither token nor JWT nor key, whatever a proxy says of the request", async () => {
    const secrets = createSecretWatch();
    for (const line of key.pkcs1.split("\n").slice(1, -2)) secrets.addSecret(line);
    const intercept = ({ path, headers }: SeenRequest): Reply | undefined => {
      const [, credential = ""] = (headers.authorization ?? "").split(" ");
      if (credential) secrets.addSecret(credential);
      if (path.endsWith("/installation")) return undefined;
      if (path.endsWith("access_tokens") && path.includes("/34/")) return { status: 400, body: message(credential) };
      return path.includes("/actions/") ? { status: 400, body: message(`bad request: ${credential}`) } : undefined;
    };
    const { github } = await create({ intercept });
    const watched = secrets.watch(github);

    await expect(watched.registerRunner(shop, runner)).rejects.toMatchObject({ name: "RefusedError" });
    await expect(watched.findRunner(site, "gha-1-1")).rejects.toMatchObject({ name: "RefusedError" });

    secrets.expectNoLeak();
  });
});
