import { UsageError } from "../../usage-error.ts";

/** Where one GitHub's pages and its API are. */
export interface GitHubPlace {
  /** Of its pages, without a trailing slash. */
  readonly htmlUrl: string;
  /** Of its REST API, as the module's `github_api_url` wants it. */
  readonly apiUrl: string;
  readonly isGitHubCom: boolean;
}

/**
 * The GitHub at an address: github.com, a SUBDOMAIN.ghe.com, or an Enterprise Server (GitHub documentation, REST API,
 * host).
 */
export function githubPlace(text: string): GitHubPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && /^(localhost|127\.0\.0\.1)$/.test(url.hostname);
  if (url === undefined || !(url.protocol === "https:" || (url.protocol === "http:" && isLocal))) {
    throw new UsageError(`--github wants the address of a GitHub, such as https://github.com, not ${text}`);
  }
  const { host, origin } = url;
  if (/^(www\.|api\.)?github\.com$/.test(host)) {
    return { htmlUrl: "https://github.com", apiUrl: "https://api.github.com", isGitHubCom: true };
  }
  if (host.endsWith(".ghe.com")) {
    const name = host.replace(/^api\./, "");
    return { htmlUrl: `https://${name}`, apiUrl: `https://api.${name}`, isGitHubCom: false };
  }
  return { htmlUrl: origin, apiUrl: `${origin}/api/v3`, isGitHubCom: false };
}
