import { KINDS } from "../core/kinds.ts";
import type { Fault } from "../faults.ts";
import { type Journal, newJournal, readJournal, removeJournal } from "../journal.ts";
import type { RunOptions } from "../run-stages.ts";
import { runStages } from "../run-stages.ts";
import { STAGES } from "../stages/stages.ts";
import { type LabWorld, startLabWorld } from "./lab-world.ts";

export interface Rehearsal {
  fault: Fault | undefined;
  prefix: string;
  memoryMib: number;
  /** Where the journal is kept meanwhile. */
  file: string;
  signal: AbortSignal;
  say(text: string): void;
}

/** A kill, as the journal sees it. */
class CutOff extends Error {}

/**
 * A whole run against the lab. Each stage is cut off once, before its result is noted, and carried out again by a run that knows
 * the journal alone; with a fault none is.
 */
export async function rehearse(rehearsal: Rehearsal): Promise<Journal> {
  const world = await startLabWorld(rehearsal.prefix, rehearsal.fault);
  try {
    return await untilWhole(rehearsal, world);
  } finally {
    await removeJournal(rehearsal.file);
    await world.stop();
  }
}

async function untilWhole(
  { fault, prefix, memoryMib, file, signal, say }: Rehearsal,
  world: LabWorld,
): Promise<Journal> {
  const cut = new Set<string>();
  const begun = newJournal({
    ...{ world: "lab", account: world.account, region: world.access.region, repository: world.repository },
    ...{ prefix, memoryMib, now: world.now() },
  });
  while (true) {
    const journal = (await readJournal(file)) ?? begun;
    const options: RunOptions = {
      ...{ world, journal, file, signal, say, kinds: KINDS, cleanOnly: false },
      ask: async () => world.account,
      beforeNote(stage) {
        if (fault !== undefined || cut.has(stage)) return;
        cut.add(stage);
        throw new CutOff(stage);
      },
    };
    try {
      await runStages(STAGES, options);
      return journal;
    } catch (error: unknown) {
      if (!(error instanceof CutOff)) throw error;
      say("  cut off, and resumed");
    }
  }
}
