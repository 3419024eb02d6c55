import { rmSync } from "node:fs";
import { join } from "node:path";
import { JIT_FILES, rehearsalJitConfig } from "../core/rehearsal-runner.ts";
import { readRunnerLine } from "../core/runner-line.ts";
import type { RehearsalServer } from "./rehearsal-server.ts";
import { runBounded } from "./run-bounded.ts";
import type { Account } from "./runner-account.ts";

/** Longer than a listener takes whose pages are all cold (docs/PLATFORM-NOTES.md#snapshots). */
const LISTENER_MS = 30_000;

/**
 * Runs the listener as a job's MicroVM does, up to its first connection: settings, credentials, key, sockets,
 * certificates. The server answers 404, so it is never told of a job; it is ended when it says that it cannot connect.
 * Resolves with the problem, if it made no connection.
 */
export async function rehearseListener(options: {
  runnerDir: string;
  account: Account | undefined;
  environment: NodeJS.ProcessEnv;
  server: RehearsalServer;
  boundMs: number;
}): Promise<string | undefined> {
  const { runnerDir, account, server } = options;
  try {
    const end = await runBounded({
      file: join(runnerDir, "bin/Runner.Listener"),
      args: ["run", "--startuptype", "service"],
      cwd: runnerDir,
      account,
      environment: {
        ...options.environment,
        ACTIONS_RUNNER_INPUT_JITCONFIG: rehearsalJitConfig(server.origin, server.key),
      },
      boundMs: Math.min(LISTENER_MS, options.boundMs),
      onLine: (line, endIt) => {
        if (readRunnerLine(line)?.type === "connect-error") endIt();
      },
    });
    if ([...server.asked].some((path) => path.startsWith("/listener/"))) return undefined;
    return `it made no connection${end.problem === undefined ? "" : `: ${end.problem}`}`;
  } finally {
    for (const name of JIT_FILES) rmSync(join(runnerDir, name), { force: true });
  }
}
