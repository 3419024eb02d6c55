import { type JobRecord, type Launch, latestLaunch, repositoryOf } from "../core/job.ts";
import type { RunnerPlace } from "../core/views.ts";
import type { DispatcherDeps } from "./deps.ts";

/** Where the runner of a launch is registered. An earlier release registered all in the group of the inputs. */
export function placeOfRunner(
  { environment }: Pick<DispatcherDeps, "environment">,
  job: { repository: string; installationId?: number | undefined },
  launch: Pick<Launch, "groupId"> | undefined,
): RunnerPlace {
  return { ...repositoryOf(job), groupId: launch?.groupId ?? environment.RUNNER_GROUP_ID ?? 0 };
}

/** How GitHub is asked about a job: as about its latest launch's runner. */
export function placeOfJob(deps: Pick<DispatcherDeps, "environment">, record: JobRecord): RunnerPlace {
  return placeOfRunner(deps, record, latestLaunch(record));
}
