import { logEvent, RUNNER_REFUSED } from "../../contract/events.ts";
import { type Launch, launchIdOf, repositoryOf } from "../core/job.ts";
import { admitHeld, isHolding, noteRefused, noteServed, noteVersion, type RunnerHold } from "../core/runner-hold.ts";
import { isRefused } from "../core/runner-releases.ts";
import { DispatcherError } from "../errors.ts";
import type { FlowResult } from "./deps.ts";
import type { JobSession } from "./job-session.ts";

/** A held launch looks again after so long, so that all are served soon after the hold ends. */
const HELD_SECONDS = 60;

/** Whether a launch may be made while GitHub refuses the image's runner; what becomes of its message when it has to wait. */
export async function admitPastHold({ deps }: JobSession): Promise<{ wait?: FlowResult; probes: boolean }> {
  const now = deps.clock.now();
  if (!isHolding(await deps.hold.read())) {
    // Should a hold begin at this moment, the next refusal marks it again.
    await deps.pace.markHeld(false);
    return { probes: false };
  }
  let admitted = false;
  const hold = await deps.hold.update((before) => {
    const next = admitHeld(before, now.getTime());
    admitted = next.admitted;
    return next.hold;
  });
  if (admitted) return { probes: isHolding(hold) };
  const fields = { imageVersion: hold.imageVersion };
  return { wait: { kind: "again", seconds: HELD_SECONDS, reason: "runner-held", fields }, probes: false };
}

/** A MicroVM was launched from a version: another one than the refused ends the hold. */
export async function noteLaunchedVersion(session: JobSession, imageVersion: string): Promise<void> {
  await changeHold(session, (hold) => noteVersion(hold, imageVersion));
}

/** A launch that was let through to try has been given a job: nothing is refused any more. */
export async function noteProbeServed(session: JobSession, { imageVersion, probesHold }: Launch): Promise<void> {
  if (probesHold && imageVersion !== undefined) await changeHold(session, (hold) => noteServed(hold, imageVersion));
}

/**
 * Whether GitHub still has the registration of a launch's runner, which it takes away from one that had a job: then no job was
 * on it, nothing foreign has run in its MicroVM, and its word about its runner counts.
 */
export async function isUntouched(session: JobSession, { runnerName, ranJobId }: Launch): Promise<boolean> {
  if (ranJobId !== undefined) return false;
  const github = await session.deps.github();
  const runner = await github.findRunner(repositoryOf(session.record), runnerName);
  return runner !== undefined && !runner.busy;
}

/** The runner of this launch was refused; `runner`: its version, as it says. */
export async function noteRefusedRunner(
  session: JobSession,
  launch: Launch,
  runner: string | undefined,
): Promise<void> {
  const { deps, context } = session;
  const { imageVersion } = launch;
  if (imageVersion === undefined) return;
  const now = deps.clock.now();
  const known = runner !== undefined && isRefused(await deps.releases.read(), runner, now);
  const launchId = launchIdOf(session.jobId, launch.number);
  const hold = await deps.hold.update((before) =>
    noteRefused(before, { imageVersion, launchId, known }, now.getTime()),
  );
  if (isHolding(hold)) await deps.pace.markHeld(true);
  const fields = { runner, launchId, advice: "the log of the refresh function says what is done about it" };
  if (isHolding(hold)) logEvent(context.log, RUNNER_REFUSED, { imageVersion }, fields);
  else context.log.warn("runner.refused_once", { ...fields, imageVersion });
}

// Nothing depends on it that could not wait for the next launch.
async function changeHold({ deps, context }: JobSession, change: (hold: RunnerHold) => RunnerHold): Promise<void> {
  try {
    const before = await deps.hold.read();
    if (change(before) === before) return;
    await deps.hold.update(change);
    if (isHolding(before)) context.log.info("runner.accepted", { imageVersion: before.imageVersion });
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("hold.not_noted", { error: error.name, message: error.message });
  }
}
