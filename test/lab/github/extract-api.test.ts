import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { extractApi } from "../../../lab/github/extract-api.ts";

const api = JSON.parse(readFileSync(new URL("../../../lab/github/api.json", import.meta.url), "utf8"));

it("leaves an extract as it is, so that the committed one holds all that it refers to", () => {
  expect(extractApi(api)).toEqual(api);
});

it("refuses a description that lacks a path", () => {
  const { "/app": _, ...paths } = api.paths;

  expect(() => extractApi({ ...api, paths })).toThrow("the description has no path /app");
});
