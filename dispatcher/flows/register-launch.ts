import { RunPayloadError } from "../../contract/run-payload.ts";
import { type Launch, launchIdOf } from "../core/job.ts";
import type { RegisteredRunner } from "../core/views.ts";
import { RunnerExistsError, TransientError } from "../errors.ts";
import { buildRunInput } from "./build-run-input.ts";
import { classOfLaunch } from "./class-of-launch.ts";
import type { JobSession } from "./job-session.ts";

/** Registers the runner of a launch and stores what RunMicrovm is to be called with. */
export async function registerLaunch(session: JobSession, number: number): Promise<void> {
  const { deps, context } = session;
  const { environment, region } = deps;
  const launch = session.launch(number);
  const { runnerName } = launch;
  const launchId = launchIdOf(session.jobId, number);
  const runnerClass = await classOfLaunch(deps, launch);
  // The planner has seen it a moment ago, in what this execution environment knows.
  if (runnerClass === undefined)
    throw new TransientError("the class of a launch is unknown", { details: { launchId } });
  const finishSecret = (await deps.secret()).webhook_secrets[0] ?? "";
  const { runnerId, encodedJitConfig } = await registerRunner(session, launch);
  context.log.info("runner.registered", { launchId, runnerId });
  const now = deps.clock.now();
  try {
    const runInput = buildRunInput({
      ...{ environment, runnerClass, region, launchId, runnerName, encodedJitConfig, finishSecret, now },
    });
    await session.changeLaunch(number, (old) => ({ ...old, state: "registered", runnerId, runInput }), {
      onConflict: "reread",
    });
  } catch (error: unknown) {
    if (error instanceof RunPayloadError) {
      await (await deps.github()).removeRunner(session.placeOfRunner(launch), runnerId);
    }
    throw error;
  }
}

// The name being taken means that an earlier attempt registered it and died before it could store the configuration,
// which GitHub shows only once: that registration is of no use to anybody.
async function registerRunner(session: JobSession, launch: Launch): Promise<RegisteredRunner> {
  const { deps, context } = session;
  const { runnerName, labels = deps.environment.RUNNER_LABELS } = launch;
  const github = await deps.github();
  const where = session.placeOfRunner(launch);
  const runner = { name: runnerName, labels };
  try {
    return await github.registerRunner(where, runner);
  } catch (error: unknown) {
    if (!(error instanceof RunnerExistsError)) throw error;
    const stale = await github.findRunner(where, runnerName);
    if (stale) await github.removeRunner(where, stale.id);
    context.log.warn("runner.replaced", { runnerName, runnerId: stale?.id ?? null });
    return github.registerRunner(where, runner);
  }
}
