import { createAppAuth } from "@octokit/auth-app";
import { request as octokitRequest } from "@octokit/request";
import type { LabGitHub } from "../../../../lab/github/start-github.ts";
import { signJwt } from "./jwt.ts";

export interface TokenOptions {
  installationId?: number;
  repositoryNames?: string[];
  permissions?: Record<string, "read" | "write">;
}

export interface Response {
  status: number;
  data: unknown;
  headers: Record<string, string | number | undefined>;
}

export type Call = (route: string, parameters?: Record<string, unknown>) => Promise<Response>;

export interface TestClientOptions {
  /** Default: the App that GitHub was started with. */
  app?: { id: number; privateKey: string };
  /** For a GitHub whose clock is not this machine's; otherwise Octokit dates its JWTs itself. */
  now?: () => number;
}

/** Octokit's own clients against the simulator; a refusal is an answer here, not an exception. */
export function createTestClient(github: LabGitHub, { app = github.app, now }: TestClientOptions = {}) {
  const request = octokitRequest.defaults({ baseUrl: github.apiUrl });
  const createJwt = async (issuer: number | string) => {
    const iat = Math.floor((now ?? Date.now)() / 1_000) - 30;
    return { jwt: signJwt({ iss: issuer, iat, exp: iat + 600 }, app.privateKey), expiresAt: "" };
  };
  const signing = now === undefined ? { privateKey: app.privateKey } : { createJwt };
  const auth = createAppAuth({ appId: app.id, request, ...signing });
  const withAuthorization =
    (authorization: string): Call =>
    async (route, parameters = {}) => {
      try {
        return await request(route, { ...parameters, headers: { authorization } });
      } catch (error: unknown) {
        if (!(error instanceof Error && "response" in error) || error.response === undefined) throw error;
        // Octokit's RequestError carries the answer that it throws for.
        return error.response as Response;
      }
    };
  return {
    auth,
    withAuthorization,
    /** Calls as the App. */
    async asApp(): Promise<Call> {
      const { token } = await auth({ type: "app" });
      return withAuthorization(`bearer ${token}`);
    },
    /** Calls as the installation, with a fresh token. */
    async asInstallation(options: TokenOptions = {}): Promise<Call> {
      const installationId = options.installationId ?? github.installationId;
      const { token } = await auth({ type: "installation", refresh: true, ...options, installationId });
      return withAuthorization(`token ${token}`);
    },
  };
}

/** The files of a just-in-time configuration, by name. */
export function readJitConfig(encoded: string): Record<string, Record<string, unknown>> {
  const files: Record<string, string> = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, JSON.parse(Buffer.from(content, "base64").toString("utf8"))]),
  );
}
