import { createAwsReader } from "../cli/aws/aws-reader.ts";
import { findDeployment } from "../cli/aws/find-deployment.ts";
import type { Kind } from "./core/kinds.ts";
import { type Journal, writeJournal } from "./journal.ts";
import type { Run, Stage } from "./run.ts";
import type { World } from "./world.ts";

export interface RunOptions {
  world: World;
  journal: Journal;
  /** Where the journal is kept. */
  file: string;
  kinds: readonly Kind[];
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Only the stages that clean up. */
  cleanOnly: boolean;
  say(text: string): void;
  ask(question: string): Promise<string>;
  /** Called when a stage is carried out and its result not written yet: where a kill is worst. */
  beforeNote?(stage: string): void;
}

/**
 * Carries out what the journal does not have yet. After the first stage that fails, and after Ctrl-C, only those that
 * clean up follow. The journal is written after each, so that another process can go on.
 */
export async function runStages(stages: readonly Stage[], options: RunOptions): Promise<void> {
  const { world, journal, file, kinds, say, ask } = options;
  const aws = createAwsReader(world.access, world.environment);
  const never = new AbortController().signal;
  const save = () => writeJournal(file, journal);
  await save();
  for (const stage of stages) {
    if (journal.stages[stage.name] !== undefined) continue;
    const signal = stage.cleans ? never : options.signal;
    const failed = Object.values(journal.stages).some(({ status }) => status === "failed");
    if (!stage.cleans && (failed || options.cleanOnly || signal.aborted)) {
      journal.stages[stage.name] = { status: "left out", problems: [], seconds: 0 };
      continue;
    }
    say(stage.name);
    const started = performance.now();
    const run: Run = {
      ...{ world, journal, kinds, signal, aws, say, ask, save },
      deployment: () => findDeployment(aws, journal.prefix),
    };
    await world.before?.(stage.name);
    const problems = await stage.carryOut(run).catch((error: unknown) => [messageOf(error, signal)]);
    const seconds = Math.round((performance.now() - started) / 1_000);
    await save();
    options.beforeNote?.(stage.name);
    journal.stages[stage.name] = { status: problems.length === 0 ? "passed" : "failed", problems, seconds };
    await save();
    for (const problem of problems) say(`  PROBLEM ${problem}`);
  }
  await save();
}

function messageOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "interrupted";
  return error instanceof Error ? error.message : String(error);
}
