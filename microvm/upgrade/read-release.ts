import * as v from "valibot";
import { checksumFileOf, type Release, releaseSchema } from "./published-checksum.ts";

export interface GitHubAccess {
  apiUrl: string;
  /** Raises the rate limit; public releases need none. */
  token: string | undefined;
}

const TIMEOUT_MS = 30_000;

/**
 * The newest release of a repository that is no pre-release, and its file of checksums; an empty text where it has
 * none.
 */
export async function readRelease(
  repository: string,
  access: GitHubAccess,
): Promise<{ release: Release; checksumFile: string }> {
  const text = await get(`${access.apiUrl}/repos/${repository}/releases/latest`, access.token);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), releaseSchema), text);
  if (!parsed.success) {
    throw new Error(
      `the newest release of ${repository} is not as GitHub describes one: ${v.summarize(parsed.issues)}`,
    );
  }
  const file = checksumFileOf(parsed.output);
  // Without the token: it is for the API alone.
  return { release: parsed.output, checksumFile: file === undefined ? "" : await get(file.browser_download_url) };
}

async function get(url: string, token?: string): Promise<string> {
  const response = await fetch(url, {
    headers: {
      accept: "application/vnd.github+json",
      "user-agent": "upgrade-runner",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (response.ok) return text;
  if (response.headers.get("x-ratelimit-remaining") === "0") {
    const reset = new Date(Number(response.headers.get("x-ratelimit-reset")) * 1_000).toISOString();
    throw new Error(`GitHub's rate limit is used up until ${reset}: set GITHUB_TOKEN, or try again then`);
  }
  throw new Error(`${url} answered ${response.status}`);
}
