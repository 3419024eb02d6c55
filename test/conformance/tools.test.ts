import { describe, expect, it } from "vitest";
import { provideTools } from "../../conformance/tools/provide-tools.ts";
import { printTools, readTools } from "../../conformance/tools/tools.ts";

describe("conformance's tools", () => {
  const tools = readTools();

  it("pin what was asked for, and all that comes with it, by version and checksum", () => {
    for (const { asked, packages } of Object.values(tools.python)) {
      const pinned = Object.entries(packages).map(([name, { version }]) => `${name.toLowerCase()}==${version}`);
      for (const one of asked) expect(pinned.map((each) => each.replaceAll("_", "-"))).toContain(one);
    }
  });

  it("are written as they are read", () => {
    expect(readTools(printTools(tools))).toEqual(tools);
  });

  it("are refused without a checksum", () => {
    const bare = structuredClone(tools);
    Object.assign(bare.python, {
      bare: { need: "required", asked: ["x==1"], packages: { x: { version: "1", sha256: [] } } },
    });
    expect(() => readTools(JSON.stringify(bare))).toThrow();
  });

  it("that are neither on the PATH nor in a registry are missing, with a word on why", async () => {
    const { get } = provideTools({
      python: {},
      go: {},
      path: { "no-such-program": { need: "where found", version: "1.0.0", from: "nowhere" } },
    });

    expect(await get("no-such-program")).toEqual({ missing: "there is no no-such-program on the PATH" });
    expect(await get("unknown")).toEqual({ missing: "tools.json has no unknown" });
  });
});
