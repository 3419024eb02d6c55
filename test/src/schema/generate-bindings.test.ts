import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { generateBindings } from "../../../src/schema/generate-bindings.ts";

it("generates the bindings that are committed", async () => {
  const generated = await generateBindings();

  expect([...generated.keys()]).toEqual(["lambda-microvm-image.ts", "data-archive-file.ts"]);
  for (const [name, text] of generated) {
    const committed = await readFile(new URL(`../../../src/bindings/${name}`, import.meta.url), "utf8");
    expect(committed === text, `src/bindings/${name} differs: run npx projen generate`).toBe(true);
  }
});
