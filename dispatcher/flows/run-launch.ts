import { type Launch, launchIdOf, released, withLaunch } from "../core/job.ts";
import { DispatcherError, ThrottledError, TransientError } from "../errors.ts";
import { yieldToOthers } from "./admit-launch.ts";
import { classOfLaunch } from "./class-of-launch.ts";
import type { DispatcherDeps } from "./deps.ts";
import { noteLaunchedVersion } from "./held-launches.ts";
import type { JobSession } from "./job-session.ts";
import { FIRST_WATCH_SECONDS, resendWatch } from "./schedule-watch.ts";

/** A service that asks for so short a wait is asked again by the same attempt. */
const NEAR_SECONDS = 2;

/**
 * Calls RunMicrovm with what is stored, and records the MicroVM. `too fast`: the service refused the call for its rate,
 * and the launch, still this worker's, is to ask for another moment. `epoch`: of the moment that it has.
 */
export async function runLaunch(session: JobSession, number: number, epoch: number): Promise<"settled" | "too fast"> {
  const { deps, context } = session;
  const { runInput } = session.launch(number);
  if (runInput === undefined) throw new TransientError("a registered launch has no input for RunMicrovm");
  const log = context.log.with({ launchId: launchIdOf(session.jobId, number) });
  const microvm = await deps.microvms.run(runInput).catch(async (error: unknown) => {
    if (error instanceof ThrottledError && error.reason === "rate" && (error.retryAfterSeconds ?? 0) <= NEAR_SECONDS) {
      await yieldToOthers(deps, error, epoch);
      await deps.sleep((error.retryAfterSeconds ?? 0) * 1_000);
      return undefined;
    }
    if (error instanceof DispatcherError) await settleFailedRun(session, number, epoch, error);
    throw error;
  });
  if (microvm === undefined) return "too fast";
  // Should the writing fail, the lease stays, and whoever takes over calls RunMicrovm again to learn the id.
  log.info("microvm.launched", { microvmId: microvm.microvmId, imageVersion: microvm.imageVersion });
  const imageVersion = microvm.imageVersion ?? (await versionOf(deps, microvm.microvmId));
  const now = deps.clock.now();
  const { claimedAt } = session.launch(number);
  const watchDue = new Date(now.getTime() + FIRST_WATCH_SECONDS * 1_000).toISOString();
  await session.change(
    (record) =>
      withLaunch(
        { ...released(record, context.holder), watchDue },
        number,
        ({ runInput: _, ambiguous: __, ...old }) => ({
          ...old,
          state: "running",
          microvmId: microvm.microvmId,
          ...(imageVersion === undefined ? {} : { imageVersion }),
          launchedAt: launchedAt(microvm.startedAt, new Date(claimedAt), now).toISOString(),
        }),
      ),
    { onConflict: "reread" },
  );
  if (session.found?.watchDue === watchDue) await resendWatch(deps, session.found);
  if (imageVersion !== undefined) await noteLaunchedVersion(session, session.launch(number), imageVersion);
  return "settled";
}

// An answer may lack it. What it is needed for can do without.
async function versionOf(deps: DispatcherDeps, microvmId: string): Promise<string | undefined> {
  const microvm = await deps.microvms.get(microvmId).catch(() => undefined);
  return microvm?.imageVersion;
}

// After a crash the MicroVM is older than the answer that names it; the service's clock may differ from ours.
function launchedAt(startedAt: Date | undefined, claimedAt: Date, now: Date): Date {
  const ms = Math.max(claimedAt.getTime(), startedAt?.getTime() ?? now.getTime());
  return new Date(Math.min(ms, now.getTime()));
}

// Throttled: the registration is kept for the next attempt, unless its input names an image or a version that is no
// more to be launched and may be gone for good; a MicroVM that exists all the same finds no registration and ends. No
// answer: a MicroVM may exist, and only the same call again can tell. Refused: nothing was started, so nothing may stay
// registered.
async function settleFailedRun(
  session: JobSession,
  number: number,
  epoch: number,
  error: DispatcherError,
): Promise<void> {
  const { deps, context } = session;
  const launch = session.launch(number);
  const { ambiguous } = launch;
  if (error instanceof TransientError) {
    await session.change(
      (record) => withLaunch(released(record, context.holder), number, (old) => ({ ...old, ambiguous: true })),
      { onConflict: "reread" },
    );
  } else if ((error instanceof ThrottledError || ambiguous) && !(await isOutdated(deps, launch, error))) {
    await yieldToOthers(deps, error, epoch);
    await session.release();
  } else {
    await endRefused(session, number, error);
  }
}

// Nothing was started, so its place need not wait for a GitHub that refuses as well.
async function endRefused(session: JobSession, number: number, error: DispatcherError): Promise<void> {
  try {
    await session.end(number, error.name);
  } catch (failure: unknown) {
    if (!(failure instanceof DispatcherError)) throw failure;
    await session.terminate(number, error.name, { runnerLeft: true });
  }
}

async function isOutdated(deps: DispatcherDeps, launch: Launch, error: DispatcherError): Promise<boolean> {
  const { runInput } = launch;
  if (!(error instanceof ThrottledError) || error.reason !== "image" || runInput === undefined) return false;
  const { imageArn, imageVersion } = (await classOfLaunch(deps, launch)) ?? {};
  return runInput.imageArn !== imageArn || (runInput.imageVersion ?? imageVersion) !== imageVersion;
}
