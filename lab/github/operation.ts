import type { Caller } from "./authorise.ts";
import type { RunnerScope } from "./runners.ts";
import type { Views } from "./view.ts";
import type { World } from "./world.ts";

/** A call that is authenticated, authorised and valid. */
export interface Call {
  world: World;
  views: Views;
  caller: Caller;
  userAgent: string | undefined;
  /** What the path names, for operations on a repository or organization. */
  scope: RunnerScope | undefined;
  params: Record<string, string>;
  query: Record<string, string>;
  body: Record<string, unknown>;
  /** The URL that was called, for links to other pages. */
  url: URL;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** By operation id of the API description. */
export type Operations = Record<string, (call: Call) => Answer | Promise<Answer>>;

/** What the path of an operation on a repository or organization names. */
export function scopeOf({ scope }: Call): RunnerScope {
  if (scope === undefined) throw new Error("the operation is not one on a repository or organization");
  return scope;
}

/** The page of `items` that the query asks for, and the `Link` header to the pages around it. */
export function page<T>(call: Call, items: readonly T[]): { items: T[]; headers: Record<string, string> } {
  const perPage = Math.min(Math.max(Number(call.query.per_page ?? 30), 1), 100);
  const current = Math.max(Number(call.query.page ?? 1), 1);
  const last = Math.max(Math.ceil(items.length / perPage), 1);
  const links: string[] = [];
  const link = (number: number, rel: string) =>
    links.push(`<${withQuery(call.url, "page", String(number))}>; rel="${rel}"`);
  if (current > 1) link(current - 1, "prev");
  if (current < last) {
    link(current + 1, "next");
    link(last, "last");
  }
  if (current > 1) link(1, "first");
  return {
    items: items.slice((current - 1) * perPage, current * perPage),
    headers: links.length === 0 ? {} : { link: links.join(", ") },
  };
}

/** The URL with one parameter of the query changed. */
export function withQuery(url: URL, name: string, value: string): string {
  const changed = new URL(url);
  changed.searchParams.set(name, value);
  return changed.toString();
}
