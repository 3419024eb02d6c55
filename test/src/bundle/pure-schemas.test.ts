import { expect, it } from "vitest";
import { markCalls } from "../../../src/bundle/pure-schemas.ts";

it("marks the calls that make a schema, and none that applies one", () => {
  expect(markCalls("const a = v.pipe(v.string(), v.url());")).toBe(
    "const a = /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.string(), /* @__PURE__ */ v.url());",
  );
  for (const applied of ["v.parse(a, x)", "v.parseAsync(a, x)", "v.safeParse(a, x)", "v.assert(a, x)", "v.is(a, x)"]) {
    expect(markCalls(`${applied};`)).toBe(`${applied};`);
  }
  for (const other of ["env.string()", "this.v.string()", "$v.string()"]) expect(markCalls(other)).toBe(other);
});

it("marks a schema that is named after nothing that applies one", () => {
  expect(markCalls("v.parseJson()")).toBe("/* @__PURE__ */ v.parseJson()");
});
