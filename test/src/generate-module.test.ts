import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { generateModule } from "../../src/generate-module.ts";

it("generates the same module twice, its zips holding what they should", async () => {
  const [first, second] = [await generateModule(), await generateModule()];

  expect([...second.keys()]).toEqual([...first.keys()]);
  for (const [name, content] of first) {
    expect(Buffer.from(second.get(name) ?? "").equals(Buffer.from(content)), name).toBe(true);
  }
  const entries = (zip: string) => unzipSync(Buffer.from(first.get(zip) ?? ""));
  expect(Object.keys(entries("dispatcher.zip"))).toEqual(["dispatcher.js", "webhook.js"]);
  for (const [name, content] of Object.entries(entries("image.zip"))) {
    expect(Buffer.from(content).toString()).toBe(first.get(`image/${name}`));
  }
  expect(first.get("image/Dockerfile")).toContain("supervisor.cjs");
});
