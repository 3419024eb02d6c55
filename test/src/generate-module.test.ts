import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { generateModule } from "../../src/generate-module.ts";

it("generates the same module twice, its zips holding what they should", async () => {
  const [first, second] = [await generateModule(), await generateModule()];

  expect([...second.keys()]).toEqual([...first.keys()]);
  for (const [name, content] of first) {
    expect(Buffer.from(second.get(name) ?? "").equals(Buffer.from(content)), name).toBe(true);
  }
  const entries = (zip: string) => unzipSync(Buffer.from(first.get(zip) ?? ""));
  expect(Object.keys(entries("dispatcher.zip"))).toEqual(["dispatcher.js", "scheduled.js", "webhook.js"]);
  expect(first.get("dispatcher.zip")?.length).toBeLessThan(75_000);
  for (const [name, content] of Object.entries(entries("image.zip"))) {
    expect(Buffer.from(content).toString()).toBe(first.get(`image/${name}`));
  }
  expect(first.get("image/Dockerfile")).toContain("supervisor.cjs");
});

it("generates the module that is committed", async () => {
  const folder = join(PROJECT_ROOT, "module");
  const generated = await generateModule();
  const committed = globSync("**/*.*", { cwd: folder, exclude: (path) => path.startsWith(".terraform") });

  expect(committed.toSorted()).toEqual([...generated.keys()].filter((name) => name.includes(".")).toSorted());
  for (const [name, content] of generated) {
    const same = readFileSync(join(folder, name)).equals(Buffer.from(content));
    expect(same, `module/${name}: run npx projen generate`).toBe(true);
  }
});
