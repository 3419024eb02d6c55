import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../../contract/log.ts";
import type { JobFacts } from "../core/job-notes.ts";
import type { JobPage } from "../ports.ts";

/** Arguments with which the supervisor's own file writes a job's notes, each with the path of the facts. */
export const JOB_NOTE_ARGUMENTS = { started: "job-started", completed: "job-completed" } as const;

const HOOK_VARIABLES = {
  started: "ACTIONS_RUNNER_HOOK_JOB_STARTED",
  completed: "ACTIONS_RUNNER_HOOK_JOB_COMPLETED",
} as const;

/**
 * The runner's job hooks, through which the supervisor gets words into the job's log. They are of no use to
 * correctness: when they cannot be written, the disk being full, the runner starts without them.
 */
export function createJobPage(options: {
  stateDir: string;
  node: string;
  program: string;
  environment: NodeJS.ProcessEnv;
  log: Logger;
}): JobPage {
  const { stateDir, log } = options;
  const factsFile = join(stateDir, "facts.json");
  return {
    install(facts) {
      try {
        mkdirSync(stateDir, { recursive: true, mode: 0o755 });
        writeFacts(factsFile, facts);
        return Object.fromEntries([
          installHook("started", factsFile, options),
          installHook("completed", factsFile, options),
        ]);
      } catch (error: unknown) {
        log.warn("job-page.not-installed", { problem: problemOf(error) });
        return {};
      }
    },
    update(facts) {
      try {
        writeFacts(factsFile, facts);
      } catch (error: unknown) {
        log.warn("job-page.not-updated", { problem: problemOf(error) });
      }
    },
  };
}

/** Renamed into place: the hook that reads it never sees half of it. */
function writeFacts(file: string, facts: JobFacts): void {
  writeFileSync(`${file}.new`, JSON.stringify(facts), { mode: 0o644 });
  renameSync(`${file}.new`, file);
}

function installHook(
  when: "started" | "completed",
  factsFile: string,
  { stateDir, node, program, environment }: Parameters<typeof createJobPage>[0],
): [string, string] {
  const variable = HOOK_VARIABLES[when];
  const ours = [node, program, JOB_NOTE_ARGUMENTS[when], factsFile].map(quote).join(" ");
  // A hook that the image names itself runs after ours, and decides about the job as if ours were not there.
  const theirs = environment[variable];
  const lines = ["#!/bin/bash", `${ours} || true`, ...(theirs ? [`exec /bin/bash -e ${quote(theirs)}`] : [])];
  const script = join(stateDir, `${JOB_NOTE_ARGUMENTS[when]}.sh`);
  writeFileSync(script, `${lines.join("\n")}\n`);
  chmodSync(script, 0o755);
  return [variable, script];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function problemOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown";
}
