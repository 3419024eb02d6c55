import { expect, it } from "vitest";
import { SAVED_QUERIES, savedQuery } from "../../contract/queries.ts";

it("finds each saved query by its name, and says of a name that nobody saved that there is none", () => {
  for (const query of SAVED_QUERIES) expect(savedQuery(query.name)).toBe(query);
  expect(() => savedQuery("cost by moon")).toThrow("there is no saved query cost by moon");
});
