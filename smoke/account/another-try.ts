import { UsageError } from "../../cli/usage-error.ts";
import type { Journal } from "../journal.ts";
import type { Request } from "../read-arguments.ts";
import { endMicrovms } from "../stages/jobs.ts";
import { listLeftovers } from "../stages/leftovers.ts";
import { STAGES } from "../stages/stages.ts";

/** What the command line and the credentials say; `memoryMib` undefined: nothing. */
export interface Asked extends Pick<Journal, "account" | "region" | "prefix" | "repository"> {
  again: Request["again"];
  memoryMib: number | undefined;
}

/**
 * The earlier run, so that what could not be taken away is tried again; undefined where a new one begins. Throws a
 * UsageError where there is one and nobody asked for it, where there is none, and where it was another.
 */
export function forAnotherTry(before: Journal | undefined, asked: Asked): Journal | undefined {
  const { again, prefix } = asked;
  if (before === undefined) {
    if (again !== undefined) throw new UsageError(`there is no interrupted run of ${prefix}`);
    return undefined;
  }
  if (again === undefined) {
    throw new UsageError(
      `a run of ${prefix} was interrupted: --resume goes on with it, --clean takes away what it left`,
    );
  }
  const { account, region, repository, memoryMib } = before;
  if (account !== asked.account || region !== asked.region) {
    throw new UsageError(`that run was in account ${account}, ${region}`);
  }
  if (repository !== asked.repository) throw new UsageError(`that run was for --repository ${repository}`);
  if (memoryMib !== (asked.memoryMib ?? memoryMib)) throw new UsageError(`that run was with --memory-mib ${memoryMib}`);
  const failed = STAGES.filter(({ name, cleans }) => cleans && before.stages[name]?.status === "failed");
  // What is left is another thing after each try.
  const retried = failed.length === 0 ? [] : [...failed, listLeftovers];
  const names = new Set(retried.map(({ name }) => name));
  const stages = Object.fromEntries(Object.entries(before.stages).filter(([name]) => !names.has(name)));
  return { ...before, stages };
}

/** Whether nothing of the run is left: MicroVMs that it had to end itself are gone then too. */
export function isClean({ stages }: Journal): boolean {
  return STAGES.every(({ name, cleans }) => !cleans || name === endMicrovms.name || stages[name]?.status === "passed");
}
