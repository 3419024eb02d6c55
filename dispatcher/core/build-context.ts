/** The image's build context: a few files, of which one names the runner. */
import { createHash } from "node:crypto";
import { parseRunnerEnv, printRunnerEnv, RUNNER_ENV_FILE, type RunnerEnv } from "../../contract/runner-env.ts";

/** Contents by file name. */
export type BuildContext = ReadonlyMap<string, Uint8Array>;

const DOCKERFILE = "Dockerfile";

/** What its Dockerfile will install; undefined where it does not say, or does not follow `runner.env`. */
export function runnerOf(context: BuildContext): RunnerEnv | undefined {
  const dockerfile = textOf(context, DOCKERFILE);
  return dockerfile.includes(RUNNER_ENV_FILE) ? parseRunnerEnv(textOf(context, RUNNER_ENV_FILE)) : undefined;
}

/** The same context with another `runner.env`. */
export function withRunner(context: BuildContext, env: RunnerEnv): BuildContext {
  return new Map([...context, [RUNNER_ENV_FILE, new TextEncoder().encode(printRunnerEnv(env))]]);
}

/** Tells contexts apart, whatever runner they name: 16 hexadecimal digits. */
export function fingerprintOf(context: BuildContext): string {
  const hash = createHash("sha256");
  for (const [name, bytes] of [...context].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (name === RUNNER_ENV_FILE) continue;
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}

/** What its Dockerfile downloads from releases on github.com, with this runner. */
export function downloadsOf(context: BuildContext, runner: string): string[] {
  const dockerfile = textOf(context, DOCKERFILE).replaceAll(/\$\{RUNNER_VERSION\}|\$RUNNER_VERSION\b/g, runner);
  const found = dockerfile.match(/https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/releases\/download\/[\w./%+-]+/g) ?? [];
  return [...new Set(found)];
}

function textOf(context: BuildContext, name: string): string {
  return new TextDecoder().decode(context.get(name));
}
