import type { Headers } from "./github-error.ts";

/** What is wrong with the base URL of GitHub's REST API, as far as its form tells; undefined where nothing is. */
export function addressProblem(apiUrl: string): string | undefined {
  if (!URL.canParse(apiUrl)) return "it is no URL";
  const { hostname: host, pathname } = new URL(apiUrl);
  const path = pathname.replace(/\/+$/, "");
  if (/^(?:www\.|api\.)?github\.com$/.test(host)) {
    return host.startsWith("api.") && path === "" ? undefined : "that of github.com is https://api.github.com";
  }
  if (host.endsWith(".ghe.com")) {
    const api = host.startsWith("api.") ? host : `api.${host}`;
    return host === api && path === "" ? undefined : `that of ${host.replace(/^api\./, "")} is https://${api}`;
  }
  return path.endsWith("/api/v3") ? undefined : `that of a GitHub Enterprise Server is https://${host}/api/v3`;
}

/**
 * What an answer says that is not one of GitHub's API: it sends JSON, and a page only while it fails. Undefined for the
 * API's own answers.
 */
export function foreignAnswer(apiUrl: string, status: number, headers: Headers): string | undefined {
  const type = String(headers["content-type"] ?? "");
  const late = status >= 500 || status === 429 || headers["retry-after"] !== undefined;
  if (late || !/^(?:text|application)\/(?:html|xhtml\+xml|xml|plain)\b/i.test(type)) {
    return undefined;
  }
  const hint = addressProblem(apiUrl) ?? "or a proxy on the way answers in its place";
  return `${apiUrl} answered ${status} with ${type.split(";")[0]} instead of JSON: check github_api_url, ${hint}`;
}
