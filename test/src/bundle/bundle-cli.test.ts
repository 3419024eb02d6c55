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

  it("says its release, and that it has none", async () => {
    expect(text).toContain('"1.2.3"');
    expect(await bundleCli()).not.toContain('"1.2.3"');
    expect(await bundleCli()).toContain("0.0.0-dev");
  });
});
