import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { VERSION_FILE } from "./version-file.ts";

const bundles = new Map<string, Promise<string>>();

/** As actions/runner's worker does when the pipe of its job message ends: it ends too. */
const WORKER = `#!/bin/sh
mkdir -p "\${0%/bin/*}/_diag"
echo "$@" >> "\${0%/bin/*}/_diag/Worker.calls"
cat <&"$2" > /dev/null
exit 1
`;

/** Notes what it was asked for, and takes what it is piped; the first `STAND_IN_PULL_FAILURES` pulls fail. */
const DOCKER = `#!/bin/sh
echo "$@" >> "\${DOCKER_HOST#unix://}.docker"
[ "$1" != import ] || cat > /dev/null
[ "$1" != pull ] || [ "$(grep -c ^pull "\${DOCKER_HOST#unix://}.docker")" -gt "\${STAND_IN_PULL_FAILURES:-0}" ] || {
  echo "toomanyrequests: You have reached your unauthenticated pull rate limit." >&2
  exit 1
}
`;

/** A root directory of its own, in which `node` is a path. */
export interface OwnRoot {
  root: string;
  node: string;
}

const SHARED: OwnRoot = { root: "", node: process.execPath };

/**
 * Lays a directory out like an unpacked actions/runner: its listener is the stand-in, its Node the one that runs this.
 */
export async function layOutRunner(
  directory: string,
  version: string = runnerData.runner.version,
  own: OwnRoot = SHARED,
): Promise<void> {
  await mkdir(join(directory, "bin"), { recursive: true });
  await mkdir(join(directory, "externals/node24/bin"), { recursive: true });
  await writeProgram("stand-in-runner.ts", join(directory, "bin/Runner.Listener"), own);
  await writeScript(join(directory, "bin/Runner.Worker"), WORKER);
  await writeFile(join(directory, VERSION_FILE), `${version}\n`);
  if (own === SHARED) await symlink(process.execPath, join(directory, "externals/node24/bin/node"));
}

/** Writes stand-ins for dockerd and for the command that talks to it. */
export async function layOutDocker(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeProgram("stand-in-dockerd.ts", join(directory, "dockerd"));
  await writeScript(join(directory, "docker"), DOCKER);
}

async function writeScript(file: string, script: string): Promise<void> {
  await writeFile(file, script);
  await chmod(file, 0o755);
}

async function writeProgram(source: string, file: string, { root, node } = SHARED): Promise<void> {
  const bundle = bundles.get(source) ?? bundleProgram(source);
  bundles.set(source, bundle);
  await writeFile(`${file}.mjs`, await bundle);
  await writeScript(file, `#!/bin/sh\nexec '${node}' '${file.slice(root.length)}.mjs' "$@"\n`);
}

/** As one file of JavaScript: fifty runners that each strip types at their start would keep two cores busy for long. */
async function bundleProgram(source: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    write: false,
  });
  return result.outputFiles[0]?.text ?? "";
}
