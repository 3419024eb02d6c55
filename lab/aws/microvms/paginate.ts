import { microvmErrors } from "./errors.ts";

/** One page; at most 50 items, 10 when nothing is said (microvm-platform 1.3). */
export function paginate<Item>(items: Item[], query: URLSearchParams): { items: Item[]; nextToken?: string } {
  const asked = query.get("maxResults");
  const size = asked === null ? 10 : Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > 50) {
    const bound = size > 50 ? "less than or equal to 50" : "greater than or equal to 1";
    throw microvmErrors.validation(
      `Value at 'maxResults' failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  const token = query.get("nextToken");
  const start =
    token === null
      ? 0
      : Number(
          Buffer.from(token, "base64")
            .toString("utf8")
            .replace(/^from:/, ""),
        );
  if (!Number.isInteger(start) || start < 0 || start > items.length) {
    throw microvmErrors.validation("Invalid nextToken");
  }
  const page = items.slice(start, start + size);
  const end = start + page.length;
  // The service's tokens hold characters that have to be percent-encoded in a query (microvm-platform 1.3).
  return end < items.length
    ? { items: page, nextToken: Buffer.from(`from:${String(end).padStart(8, "0")}`).toString("base64") }
    : { items: page };
}
