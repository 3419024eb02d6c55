import { createPublicKey, createVerify } from "node:crypto";
import type { RunnerPlace } from "../../dispatcher/core/views.ts";
import { type DispatcherError, ThrottledError } from "../../dispatcher/errors.ts";
import type { MemoryGitHub } from "../../lab/world/services/memory-github.ts";
import { type LocalServer, type Reply, type SeenRequest, startLocalServer } from "./local-server.ts";

export interface GitHubServerOptions {
  github: MemoryGitHub;
  /** Path of the API below the server's URL, as on GitHub Enterprise Server. */
  basePath?: string;
  appId: string;
  /** PEM of the App's public key. */
  publicKey: string;
  /** Installation id by repository. */
  installations: Readonly<Record<string, number>>;
  now(): Date;
  /** Answers in place of the server where it returns something. */
  intercept?(request: SeenRequest): Reply | undefined;
}

export interface GitHubServer extends LocalServer {
  apiUrl: string;
  /** Every installation token that was handed out. */
  tokens: string[];
  /** No token handed out so far is accepted any more. */
  revokeTokens(): void;
}

/** Stands for any group: all of them belong to the organization. */
const ORGANIZATIONS = 1;

interface Grant {
  repository: string;
  permissions: Record<string, string>;
}

/** As much of GitHub's REST API as the dispatcher uses, over GitHub in memory; tokens reach what they were made for. */
export async function startGitHubServer(options: GitHubServerOptions): Promise<GitHubServer> {
  const { basePath = "", now } = options;
  const grants = new Map<string, Grant>();
  const tokens: string[] = [];

  function createToken(installationId: number, request: SeenRequest): Reply {
    const { repositories, permissions } = JSON.parse(request.body) as {
      repositories: [string];
      permissions: Record<string, string>;
    };
    const repository = Object.keys(options.installations).find(
      (name) => options.installations[name] === installationId && name.endsWith(`/${repositories[0]}`),
    );
    if (repository === undefined) return json(422, { message: "There is at least one repository that does not exist" });
    const token = `ghs_${String(tokens.length + 1).padStart(36, "s")}`;
    tokens.push(token);
    grants.set(token, { repository, permissions });
    return json(201, { token, expires_at: new Date(now().getTime() + 3_600_000).toISOString(), permissions });
  }

  async function route(request: SeenRequest): Promise<Reply> {
    const path = request.path.slice(basePath.length);
    const intercepted = options.intercept?.(request);
    if (intercepted) return intercepted;
    const [, authorization = ""] = (request.headers.authorization ?? "").split(" ");
    const tokenPath = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path);
    const installationPath = /^\/repos\/([^/]+\/[^/]+)\/installation$/.exec(path);
    if (tokenPath || installationPath) {
      if (!isJwtOf(options, authorization)) return json(401, { message: "A JSON web token could not be decoded" });
      if (tokenPath) return createToken(Number(tokenPath[1]), request);
      const id = options.installations[installationPath?.[1] ?? ""];
      return id === undefined ? json(404, { message: "Not Found" }) : json(200, { id });
    }
    const grant = grants.get(authorization);
    if (grant === undefined) return json(401, { message: "Bad credentials" });
    const [, scope, name = "", call = ""] =
      /^\/(repos|orgs)\/(.+)\/actions\/((?:jobs|runs|runners)\b.*)$/.exec(path) ?? [];
    const reached = scope === "orgs" ? grant.repository.split("/")[0] : grant.repository;
    if (name !== reached) return json(404, { message: "Not Found" });
    const groupId = scope === "orgs" ? ORGANIZATIONS : 0;
    const runners = scope === "orgs" ? "organization_self_hosted_runners" : "administration";
    if (grant.permissions[/^(jobs|runs)\//.test(call) ? "actions" : runners] === undefined) {
      return json(403, { message: "Resource not accessible by integration" });
    }
    return repositoryCall(options.github, { repository: grant.repository, groupId }, request, call);
  }

  const server = await startLocalServer(async (request) => {
    try {
      return await route(request);
    } catch (error: unknown) {
      return errorReply(error as DispatcherError);
    }
  });
  return { ...server, apiUrl: `${server.url}${basePath}`, tokens, revokeTokens: () => grants.clear() };
}

async function repositoryCall(
  github: MemoryGitHub,
  where: RunnerPlace,
  request: SeenRequest,
  path: string,
): Promise<Reply> {
  const [kind = "", id = ""] = path.split("/");
  if (kind === "jobs") {
    const job = await github.getJob(where, Number(id));
    if (job === undefined) return json(404, { message: "Not Found" });
    return json(200, { id: Number(id), status: job.status, conclusion: job.conclusion, runner_name: job.runnerName });
  }
  if (kind === "runs") {
    const { event, headRepository } = await github.getRunOrigin(where, Number(id));
    return json(200, { id: Number(id), event, head_repository: headRepository && { full_name: headRepository } });
  }
  if (request.method === "POST") {
    const { name, labels } = JSON.parse(request.body) as { name: string; labels: string[] };
    const { runnerId, encodedJitConfig } = await github.registerRunner(where, { name, labels });
    const runner = { id: runnerId, name, os: "unknown", status: "offline", busy: false, labels: [] };
    return json(201, { runner, encoded_jit_config: encodedJitConfig });
  }
  if (request.method === "GET") {
    const runner = await github.findRunner(where, request.query.get("name") ?? "");
    return json(200, { total_count: runner ? 1 : 0, runners: runner ? [runner] : [] });
  }
  if ((await github.removeRunner(where, Number(id))) === "removed") return { status: 204 };
  return json(422, { message: `Runner "${id}" is currently running a job and cannot be deleted.` });
}

function isJwtOf({ appId, publicKey, now }: GitHubServerOptions, jwt: string): boolean {
  const [header = "", payload = "", signature = ""] = jwt.split(".");
  const verifier = createVerify("RSA-SHA256").update(`${header}.${payload}`);
  if (!verifier.verify(createPublicKey(publicKey), Buffer.from(signature, "base64url"))) return false;
  const { iss, exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { iss: string; exp: number };
  return String(iss) === appId && exp * 1_000 > Math.min(now().getTime(), Date.now());
}

function errorReply(error: DispatcherError): Reply {
  if (error instanceof ThrottledError) {
    const headers = { "retry-after": String(error.retryAfterSeconds ?? 60) };
    return json(403, { message: "You have exceeded a secondary rate limit" }, headers);
  }
  switch (error.name) {
    case "RunnerExistsError":
      return json(409, { message: "Already exists - A runner with the name already exists." });
    case "NotFoundError":
      return json(404, { message: "Not Found" });
    case "TransientError":
      return "drop";
    default:
      return json(403, { message: "Resource not accessible by integration" });
  }
}

function json(status: number, body: object, headers: Record<string, string> = {}): Reply {
  return { status, headers, body: JSON.stringify(body) };
}
