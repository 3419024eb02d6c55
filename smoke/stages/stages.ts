import type { Stage } from "../run.ts";
import { apply, destroy } from "./apply.ts";
import { checkAccount } from "./check-account.ts";
import { endMicrovms, runJobs } from "./jobs.ts";
import { examineDeployment, listLeftovers, tidyRepository } from "./leftovers.ts";
import { askQuestions } from "./questions.ts";
import { removeRole } from "./remove-role.ts";
import { makeRole } from "./role.ts";
import { readTimes } from "./times.ts";

/** A run, in order; what cleans up is carried out whatever became of the rest, and the role goes last. */
export const STAGES: readonly Stage[] = [
  checkAccount,
  makeRole,
  apply,
  examineDeployment,
  runJobs,
  readTimes,
  askQuestions,
  endMicrovms,
  destroy,
  listLeftovers,
  tidyRepository,
  removeRole,
];
