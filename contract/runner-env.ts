/**
 * `runner.env` of the image's build context: which runner the Dockerfile installs, and when it was asked for. A file
 * and not build arguments, which the service passes none of; a changed date voids every layer after it.
 */
import * as v from "valibot";

export const RUNNER_ENV_FILE = "runner.env" as const;

export const runnerEnv = v.object({
  RUNNER_VERSION: v.pipe(v.string(), v.regex(/^2\.\d{3}\.\d{1,3}$/)),
  /** SHA-256 of the runner's archive for Linux on arm64, hexadecimal. */
  RUNNER_SHA256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Day of the build in UTC, `YYYY-MM-DD`; absent in the context that comes with the module. */
  BUILT: v.exactOptional(v.pipe(v.string(), v.isoDate())),
  /** Built to get away from a runner that GitHub refuses: nothing that jobs can do without may end the build. */
  RESCUE: v.exactOptional(v.literal("1")),
});

export type RunnerEnv = v.InferOutput<typeof runnerEnv>;

/** Its text: a shell reads it. */
export function printRunnerEnv(env: RunnerEnv): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** Undefined for a text of another shape. */
export function parseRunnerEnv(text: string): RunnerEnv | undefined {
  const pairs = text.split("\n").flatMap((line) => {
    const [, name, value] = /^([A-Z0-9_]+)=(\S*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const result = v.safeParse(runnerEnv, Object.fromEntries(pairs));
  return result.success ? result.output : undefined;
}
