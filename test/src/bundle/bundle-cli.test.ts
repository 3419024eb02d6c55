import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Script } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleCli } from "../../../src/bundle/bundle-cli.ts";

let text: string;
beforeAll(async () => {
  text = await bundleCli("1.2.3");
});

class Ended extends Error {}

/** What the file says before anything else, under a version of Node, and whether it goes on. */
function begin(version: string): { said: string[]; code: number | undefined } {
  const said: string[] = [];
  let code: number | undefined;
  const process = {
    versions: { node: version },
    exit(by: number) {
      code = by;
      throw new Ended();
    },
  };
  const first = text.split("\n")[1] ?? "";
  try {
    new Script(first).runInNewContext({ process, console: { error: (line: string) => said.push(line) } });
  } catch (error: unknown) {
    if (!(error instanceof Ended)) throw error;
  }
  return { said, code };
}

describe("the file of the commands", () => {
  it("is a script for a shell, whose first statement refuses a Node that is too old in one line", () => {
    expect(text.split("\n")[0]).toBe("#!/usr/bin/env node");
    for (const old of ["18.20.8", "20.20.2", "21.7.3"]) {
      expect(begin(old)).toEqual({
        said: [`gha-microvm: Node.js 22 or later is needed, and this is ${old}`],
        code: 2,
      });
    }
    for (const good of ["22.0.0", "24.21.0", "26.1.0"]) expect(begin(good)).toEqual({ said: [], code: undefined });
  });

  it("is the same whenever it is made, and small enough for each terraform init to download", async () => {
    expect((await bundleCli("1.2.3")) === text).toBe(true);
    expect(text.length).toBeLessThan(250_000);
  });

  it("says its release, and that it has none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bundle-cli-"));
    const versionOf = async (name: string, content: string) => {
      await writeFile(join(folder, name), content);
      return (await promisify(execFile)(process.execPath, [join(folder, name), "--version"])).stdout;
    };
    expect(await versionOf("released.cjs", text)).toBe("1.2.3\n");
    expect(await versionOf("clone.cjs", await bundleCli())).toBe("0.0.0-dev\n");
    await rm(folder, { recursive: true });
  });
});
