import * as v from "valibot";
import { readBody } from "../../dispatcher/github/read-body.ts";
import { createGitHubRequest } from "../../dispatcher/github/send-to-github.ts";
import { type AskGitHub, USER_AGENT } from "./ask-github.ts";

/** What GitHub hands out once for a code. */
export interface NewApp {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly url: string;
  readonly owner: { readonly login: string; readonly id: number };
  readonly permissions: Readonly<Record<string, string>>;
  readonly pem: string;
}

/** GitHub did not give what was asked for; the message is for people. */
export class ConversionError extends Error {
  override readonly name = "ConversionError";
}

const conversion = v.object({
  id: v.number(),
  slug: v.string(),
  name: v.string(),
  html_url: v.string(),
  owner: v.object({ login: v.string(), id: v.number() }),
  permissions: v.record(v.string(), v.string()),
  pem: v.pipe(v.string(), v.nonEmpty()),
});
const user = v.object({ type: v.string() });
const requests = v.array(v.object({ account: v.object({ login: v.optional(v.string()) }) }));

const TIMEOUT_MS = 20_000;

/** Exchanges the code that GitHub sent for the App's key: good for one hour, and once. */
export async function convertManifest(apiUrl: string, code: string): Promise<NewApp> {
  const answer = await callUnsigned(apiUrl, "POST /app-manifests/{code}/conversions", { code });
  if ("status" in answer) throw new ConversionError(conversionProblem(apiUrl, answer));
  const app = readBody(conversion, "reading the new App", answer.body);
  const { id, slug, name, html_url: url, owner, permissions, pem } = app;
  return { id: String(id), slug, name, url, owner, permissions, pem };
}

function conversionProblem(apiUrl: string, { status, message, isPage }: Refusal): string {
  if (status === 0) return `${new URL(apiUrl).host} gave no answer: check this machine's network and proxy`;
  if (isPage) return `${apiUrl} answered ${status} with a page: a proxy on the way, or not the address of a GitHub`;
  if (status === 404) return "GitHub does not know the code: it is good for one hour, and once";
  return `GitHub refused the code (${status}: ${message})`;
}

/** Whether a login is an organization's or a user's; undefined where GitHub does not tell strangers. */
export async function readOwnerType(
  apiUrl: string,
  login: string,
): Promise<"Organization" | "User" | "none" | undefined> {
  const answer = await callUnsigned(apiUrl, "GET /users/{username}", { username: login });
  if ("status" in answer) return answer.status === 404 && !answer.isPage ? "none" : undefined;
  const { type } = readBody(user, `reading ${login}`, answer.body);
  return type === "Organization" || type === "User" ? type : undefined;
}

/** Whether somebody who is no owner asked for the App in an account. */
export async function isRequested(ask: AskGitHub, owner: string): Promise<boolean> {
  const answer = await ask("GET /app/installation-requests", { per_page: 100 });
  if ("failure" in answer) return false;
  const open = readBody(requests, "reading the installation requests", answer.body);
  return open.some(({ account }) => account.login?.toLowerCase() === owner.toLowerCase());
}

interface Refusal {
  status: number;
  message: string;
  /** Not an answer of GitHub's API. */
  isPage: boolean;
}

async function callUnsigned(
  apiUrl: string,
  route: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ body: unknown } | Refusal> {
  const request = createGitHubRequest({ apiUrl, userAgent: USER_AGENT });
  try {
    const { data } = await request(route, { ...parameters, request: { signal: AbortSignal.timeout(TIMEOUT_MS) } });
    return typeof data === "string" ? { status: 200, message: "", isPage: true } : { body: data };
  } catch (error: unknown) {
    const status = error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : 0;
    const response = error instanceof Error && "response" in error ? error.response : undefined;
    // Octokit's RequestError has no response where none came, whatever status it gives it.
    if (response === undefined) return { status: 0, message: "", isPage: false };
    const { data } = response as { data?: unknown };
    const message =
      typeof data === "object" && data !== null && "message" in data && typeof data.message === "string"
        ? data.message
        : "";
    return { status, message, isPage: typeof data === "string" };
  }
}
