import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { find } from "@actions/tool-cache";
import { expect, it } from "vitest";

/** What the command asks Python for, and what a virtual environment has that setup-python takes. */
const PYTHON = `#!/bin/bash
case $1 in
  -c) echo 3.12.9 ;;
  -m) mkdir -p "\${@: -1}/bin" && touch "\${@: -1}/bin/python" ;;
esac
`;

// As setup-python looks for it before it downloads one (actions/setup-python, src/find-python.ts).
it("lays a Python where setup-python looks first, by the command that USAGE has for it", async () => {
  const usage = await readFile(new URL("../../docs/USAGE.md", import.meta.url), "utf8");
  const command = /^ {2}"(tools=\/opt\/hostedtoolcache\/Python.*)",$/m.exec(usage)?.[1] ?? "";
  const directory = await mkdtemp(join(tmpdir(), "tool-cache-"));
  try {
    const programs = join(directory, "programs");
    await mkdir(programs);
    for (const [name, script] of [
      ["python3.12", PYTHON],
      ["chown", "#!/bin/bash\n"],
    ] as const) {
      await writeFile(join(programs, name), script);
      await chmod(join(programs, name), 0o755);
    }
    const cache = join(directory, "cache");
    execFileSync("bash", ["-euo", "pipefail", "-c", command.replaceAll("/opt/hostedtoolcache", cache)], {
      env: { ...process.env, PATH: `${programs}:${process.env.PATH}` },
    });

    process.env.RUNNER_TOOL_CACHE = cache;
    expect(find("Python", "3.12", "arm64")).toBe(join(cache, "Python/3.12.9/arm64"));
    expect(find("Python", "3.13", "arm64")).toBe("");
    expect(find("Python", "3.12", "x64")).toBe("");
    expect((await readdir(join(cache, "Python/3.12.9"))).sort()).toEqual(["arm64", "arm64.complete"]);
    expect(await readdir(join(cache, "Python/3.12.9/arm64/bin"))).toEqual(["python"]);
  } finally {
    delete process.env.RUNNER_TOOL_CACHE;
    await rm(directory, { recursive: true, force: true });
  }
});
