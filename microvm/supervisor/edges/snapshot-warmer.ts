import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../../contract/log.ts";
import { VERSION_COMMANDS } from "../core/rehearsal-steps.ts";
import type { Warmer } from "../ports.ts";
import { isInstalled } from "./find-program.ts";
import { inTurn } from "./in-turn.ts";
import { runnerEnvironment } from "./listener-process.ts";
import { problemOf, runBounded } from "./run-bounded.ts";
import type { Account } from "./runner-account.ts";

interface WarmCommand {
  name: string;
  file: string;
  args: string[];
  /** Its failure fails the image. */
  required: boolean;
}

export interface WarmerOptions {
  runnerDir: string;
  account: Account | undefined;
  environment: NodeJS.ProcessEnv;
  boundMs: number;
  /** Lays the images of `docker_images` into the snapshot; false: one of them could not be had. */
  pull: () => Promise<boolean>;
  /** Plays a whole job; false: the image cannot be used. */
  rehearse: () => Promise<boolean>;
  log: Logger;
}

/**
 * Runs what the first job will run, once per round, so that its pages are in the snapshot: a binary that was never run
 * before the snapshot takes seconds to start after it (docs/PLATFORM-NOTES.md#snapshots). What `ready` leaves behind is
 * in every MicroVM, so nothing there registers, draws an identity or writes: `Runner.Listener warmup` loads and
 * compiles the runner's assemblies and ends. The MicroVM of `validate` is thrown away, and a whole job is rehearsed in
 * it.
 */
export function createSnapshotWarmer(options: WarmerOptions): Warmer {
  const rounds = new Map<string, "warming" | "warm" | "failed">();
  return {
    poll(round) {
      const known = rounds.get(round);
      if (known !== undefined) return known;
      rounds.set(round, "warming");
      warm(round, options).then(
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

async function warm(round: string, options: WarmerOptions): Promise<boolean> {
  const searchPath = options.environment.PATH ?? "";
  const commands = warmCommands(options.runnerDir).filter(
    ({ file, required }) => required || isInstalled(file, searchPath),
  );
  let ok = true;
  await inTurn(commands, async (command) => {
    ok = (await runOne(command, options)) && ok;
  });
  return ok && (await (round === "validate" ? options.rehearse() : options.pull()));
}

function warmCommands(runnerDir: string): WarmCommand[] {
  const node = ["node24", "node20"].map((name) => join(runnerDir, "externals", name, "bin/node")).filter(existsSync);
  return [
    { name: "listener", file: join(runnerDir, "bin/Runner.Listener"), args: ["warmup"], required: true },
    ...node.map((file) => ({ name: "node", file, args: ["--version"], required: true })),
    ...VERSION_COMMANDS.map((command) => ({ ...command, required: false })),
  ];
}

async function runOne(command: WarmCommand, options: WarmerOptions): Promise<boolean> {
  const { account, boundMs, log } = options;
  const startedAt = performance.now();
  const end = await runBounded({
    ...{ file: command.file, args: command.args, cwd: options.runnerDir, account, boundMs },
    environment: runnerEnvironment(options.environment, account),
  });
  const problem = problemOf(end);
  const fields = { name: command.name, ms: Math.round(performance.now() - startedAt) };
  if (problem === undefined) log.info("warm.done", fields);
  else log[command.required ? "error" : "warn"]("warm.failed", { ...fields, problem });
  return problem === undefined || !command.required;
}
