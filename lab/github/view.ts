import type { Owner, Repository } from "./accounts.ts";
import type { App, Installation } from "./apps.ts";
import type { Job, Run } from "./jobs.ts";
import type { Runner } from "./runners.ts";

/** A thing as JSON has it. */
export type View = Record<string, unknown>;

/** How the API writes the things of this GitHub; what the API and the webhooks share stands here once. */
export interface Views {
  owner(owner: Owner): View;
  /** A user or an organization with all that is told about it when it is asked for by name. */
  account(owner: Owner): View;
  organization(owner: Owner): View;
  repository(repository: Repository): View;
  runner(runner: Runner): View;
  job(job: Job): View;
  run(run: Run): View;
  app(app: App, installationsCount: number): View;
  installation(installation: Installation): View;
}
