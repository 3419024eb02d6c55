import * as v from "valibot";

const numbered = v.array(v.looseObject({}));

/**
 * A fetch whose list of deliveries comes as `{ deliveries, link }`: the pages' cursors travel in a header, and the ids are
 * 64-bit numbers, which lose digits unless they are read as text. Other answers pass unchanged.
 */
export function createListingFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok || (init?.method ?? "GET") !== "GET") return response;
    const list = v.safeParse(numbered, readJson(await response.text()));
    // What is no list is left to the reader, which says so in its own words.
    const body = list.success ? { deliveries: list.output, link: response.headers.get("link") ?? "" } : {};
    return new Response(JSON.stringify(body), {
      status: response.status,
      headers: { "content-type": "application/json" },
    });
  };
}

/** The cursor of the page that `rel="next"` of a Link header leads to. */
export function nextCursorOf(link: string): string | undefined {
  const [, target] = /<([^>]*)>;\s*rel="?next"?/.exec(link) ?? [];
  if (target === undefined || !URL.canParse(target)) return undefined;
  return new URL(target).searchParams.get("cursor") ?? undefined;
}

/** JSON.parse since Node 22 gives a reviver the number's own text, which TypeScript 5.9's library does not know yet. */
type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

const idAsText: Reviver = (key, value, context) =>
  key === "id" && typeof value === "number" ? (context?.source ?? String(value)) : value;

function readJson(text: string): unknown {
  try {
    return JSON.parse(text, idAsText);
  } catch {
    return undefined;
  }
}
