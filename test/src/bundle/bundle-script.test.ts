import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleScript } from "../../../src/bundle/bundle-script.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bundle-"));
  await writeFile(
    join(root, "entry.ts"),
    'import { greet } from "./greet.ts";\nexport const handler = async (): Promise<string> => greet("Lambda");\n',
  );
  await writeFile(
    join(root, "greet.ts"),
    'export const greet = (who: string) => "Hello, " + who;\nexport const unused = "not needed by anyone";\n',
  );
});
afterEach(() => rm(root, { recursive: true }));

describe("bundleScript", () => {
  it("gives one CommonJS file that runs", async () => {
    await writeFile(join(root, "entry.cjs"), await bundleScript("entry.ts", root));

    const { handler } = createRequire(import.meta.url)(join(root, "entry.cjs"));

    expect(await handler()).toBe("Hello, Lambda");
  });

  it("leaves out what nothing uses", async () => {
    expect(await bundleScript("entry.ts", root)).not.toContain("not needed");
  });

  it("gives the same text wherever the repository is", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "bundle-elsewhere-"));
    await cp(root, elsewhere, { recursive: true });

    const texts = await Promise.all([root, elsewhere].map((folder) => bundleScript("entry.ts", folder)));
    await rm(elsewhere, { recursive: true });

    expect(texts[0]).toBe(texts[1]);
  });

  it("fails with the place of what it cannot bundle", async () => {
    await writeFile(join(root, "entry.ts"), 'import "./missing.ts";\n');

    await expect(bundleScript("entry.ts", root)).rejects.toThrow(/entry\.ts:1:7.*missing\.ts/s);
  });
});
