import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../../contract/log.ts";
import type { Warmer } from "../ports.ts";
import { isInstalled } from "./find-program.ts";
import { runnerEnvironment } from "./listener-process.ts";
import type { Account } from "./runner-account.ts";

interface WarmCommand {
  name: string;
  file: string;
  args: string[];
  /** Its failure fails the image. */
  required: boolean;
}

/**
 * Runs what the first job will run, once per round, so that its pages are in the snapshot: a binary that was never run before
 * the snapshot takes seconds to start after it (docs/PLATFORM-NOTES.md#snapshots). Nothing here registers or draws an identity:
 * `Runner.Listener warmup` loads and compiles the runner's assemblies and ends.
 */
export function createSnapshotWarmer(options: {
  runnerDir: string;
  account: Account | undefined;
  environment: NodeJS.ProcessEnv;
  boundMs: number;
  log: Logger;
}): Warmer {
  const rounds = new Map<string, "warming" | "warm" | "failed">();
  return {
    poll(round) {
      const known = rounds.get(round);
      if (known !== undefined) return known;
      rounds.set(round, "warming");
      warm(options).then(
        (ok) => rounds.set(round, ok ? "warm" : "failed"),
        (error: unknown) => {
          options.log.error("warm.failed", { problem: error instanceof Error ? error.message : "unknown" });
          rounds.set(round, "failed");
        },
      );
      return "warming";
    },
  };
}

async function warm(options: Parameters<typeof createSnapshotWarmer>[0]): Promise<boolean> {
  const searchPath = options.environment.PATH ?? "";
  const commands = warmCommands(options.runnerDir).filter(
    ({ file, required }) => required || isInstalled(file, searchPath),
  );
  const results = await Promise.all(commands.map((command) => runOne(command, options)));
  return results.every(Boolean);
}

function warmCommands(runnerDir: string): WarmCommand[] {
  const node = ["node24", "node20"].map((name) => join(runnerDir, "externals", name, "bin/node")).filter(existsSync);
  return [
    { name: "listener", file: join(runnerDir, "bin/Runner.Listener"), args: ["warmup"], required: true },
    ...node.map((file) => ({ name: "node", file, args: ["--version"], required: true })),
    { name: "git", file: "git", args: ["--version"], required: false },
    { name: "bash", file: "bash", args: ["-c", "true"], required: false },
    { name: "dockerd", file: "dockerd", args: ["--version"], required: false },
    { name: "docker", file: "docker", args: ["--version"], required: false },
  ];
}

function runOne(command: WarmCommand, options: Parameters<typeof createSnapshotWarmer>[0]): Promise<boolean> {
  const { account, boundMs, log } = options;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = execFile(
      command.file,
      command.args,
      {
        cwd: options.runnerDir,
        env: runnerEnvironment(options.environment, account),
        timeout: boundMs,
        killSignal: "SIGKILL",
        maxBuffer: 16 * 1024 * 1024,
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      },
      (error) => {
        const fields = { name: command.name, ms: Math.round(performance.now() - startedAt) };
        if (error === null) log.info("warm.done", fields);
        else log[command.required ? "error" : "warn"]("warm.failed", { ...fields, problem: describe(error) });
        resolve(error === null || !command.required);
      },
    );
    child.stdin?.end();
  });
}

function describe(error: { code?: string | number | null; signal?: NodeJS.Signals | null; message: string }): string {
  return error.signal ? `ended by ${error.signal}` : `ended with ${error.code ?? error.message}`;
}
