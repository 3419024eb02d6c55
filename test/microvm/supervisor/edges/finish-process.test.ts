import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { copyFile, link, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../../../contract/log.ts";
import { createFinishProcess } from "../../../../microvm/supervisor/edges/finish-process.ts";
import { PROJECT_ROOT } from "../../../../src/bundle/project-root.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "finish-process-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("the process of the finish call", () => {
  it("gets its order by a pipe, and nothing of the supervisor's environment", async () => {
    const program = join(directory, "finish.cjs");
    const seen = join(directory, "seen.json");
    await writeFile(
      program,
      `const order = JSON.parse(require("fs").readFileSync(0, "utf8"));
       require("fs").writeFileSync(order.url, JSON.stringify({ order, names: Object.keys(process.env), argv: process.argv.slice(2) }));`,
    );

    await createFinishProcess(
      program,
      20_000,
      createLogger(() => undefined),
    ).call({
      url: seen,
      body: { launchId: "11-1", expiresAt: 1, mac: "ab" },
    });

    const { order, names, argv } = JSON.parse(await readFile(seen, "utf8"));
    expect(order).toEqual({ url: seen, body: { launchId: "11-1", expiresAt: 1, mac: "ab" }, forMs: 20_000 });
    expect(Object.keys(process.env).length).toBeGreaterThan(0);
    expect(names.filter((name: string) => name in process.env)).toEqual([]);
    expect(argv).toEqual(["finish-call"]);
  });

  it.runIf(process.platform === "linux")(
    "is the Node that runs the supervisor, whatever a job put at its path",
    async () => {
      const node = join(directory, "node");
      await link(process.execPath, node).catch(() => copyFile(process.execPath, node, constants.COPYFILE_FICLONE));
      const script = join(directory, "supervisor.mjs");
      const source = pathToFileURL(join(PROJECT_ROOT, "microvm/supervisor/edges/fresh-node.ts")).href;
      await writeFile(
        script,
        `import { spawnSync } from "node:child_process";
       import { unlinkSync, writeFileSync } from "node:fs";
       import { freshNode } from ${JSON.stringify(source)};
       unlinkSync(process.execPath);
       writeFileSync(process.execPath, "#!/bin/sh\\necho a job's own program\\n", { mode: 0o755 });
       process.stdout.write(spawnSync(freshNode, ["-p", "'Node ' + process.version"], { encoding: "utf8" }).stdout);`,
      );

      const { stdout } = await promisify(execFile)(node, [script]);

      expect(stdout).toBe(`Node ${process.version}\n`);
    },
  );
});
