import { DEFAULT_CLASS } from "../../contract/runner-classes.ts";
import { noteGiven, noteServedVersion } from "../core/deployment.ts";
import type { Launch } from "../core/job.ts";
import type { LaunchView } from "../core/standing.ts";
import { secondsSince } from "../core/supply.ts";
import { DispatcherError } from "../errors.ts";
import { noteProbeServed } from "./held-launches.ts";
import type { JobSession } from "./job-session.ts";

/** What is older tells nothing that its first look has not told. */
const NEWS_SECONDS = 600;

/** Notes for the whole deployment that GitHub gave runners of this job a job, as far as that is news. */
export async function noteGivenJobs(session: JobSession, views: ReadonlyMap<number, LaunchView>): Promise<void> {
  for (const launch of session.record.launches) {
    const runner = views.get(launch.number)?.runner;
    if (typeof runner === "object" && runner.busy) await noteGivenJob(session, launch);
  }
}

/**
 * Notes for the whole deployment that GitHub gave the runner of this launch a job. Nothing depends on it that could
 * wait.
 */
export async function noteGivenJob(session: JobSession, launch: Launch): Promise<void> {
  const { deps, context } = session;
  const { launchedAt, image = DEFAULT_CLASS, imageVersion } = launch;
  await noteProbeServed(session, launch);
  const now = deps.clock.now();
  if (launchedAt === undefined || secondsSince(launchedAt, now) > NEWS_SECONDS) return;
  try {
    await deps.deployment.update((state) => {
      const given = noteGiven(state, new Date(launchedAt).getTime(), now.getTime());
      return imageVersion === undefined ? given : noteServedVersion(given, image, imageVersion);
    });
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("deployment.not_noted", { error: error.name, message: error.message });
  }
}
