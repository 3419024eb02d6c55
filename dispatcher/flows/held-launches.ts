import { logEvent, RUNNER_REFUSED } from "../../contract/events.ts";
import { type Launch, launchIdOf } from "../core/job.ts";
import { admitHeld, isHolding, noteRefused, noteServed, noteVersion, type RunnerHold } from "../core/runner-hold.ts";
import { isRefused } from "../core/runner-releases.ts";
import { DispatcherError } from "../errors.ts";
import type { Cell } from "../ports.ts";
import type { DispatcherDeps, FlowResult } from "./deps.ts";
import type { JobSession } from "./job-session.ts";

/** A held launch looks again after so long, so that all are served soon after the hold ends. */
const HELD_SECONDS = 60;

/**
 * Whether a launch may be made while GitHub refuses the image's runner; what becomes of its message when it has to
 * wait.
 */
export async function admitPastHold(
  { deps }: JobSession,
  { image }: Launch,
): Promise<{ wait?: FlowResult; probes: boolean }> {
  const now = deps.clock.now();
  const own = holdOf(deps, image);
  if (!isHolding(await own.read())) {
    // Should a hold begin at this moment, the next refusal marks it again.
    if (!(await isAnyHeld(deps))) await deps.pace.markHeld(false);
    return { probes: false };
  }
  let admitted = false;
  const hold = await own.update((before) => {
    const next = admitHeld(before, now.getTime());
    admitted = next.admitted;
    return next.hold;
  });
  if (admitted) return { probes: isHolding(hold) };
  const fields = { imageVersion: hold.imageVersion };
  return { wait: { kind: "again", seconds: HELD_SECONDS, reason: "runner-held", fields }, probes: false };
}

function holdOf(deps: DispatcherDeps, image: string | undefined): Cell<RunnerHold> {
  return image === undefined ? deps.hold : deps.holdOfImage(image);
}

// Launches of all images ask one pace, whose mark stands until nothing is held any more.
async function isAnyHeld(deps: DispatcherDeps): Promise<boolean> {
  const images = new Set(Object.values(await deps.classes()).map(({ image }) => image));
  for (const image of images.add(undefined)) if (isHolding(await holdOf(deps, image).read())) return true;
  return false;
}

/** A MicroVM was launched from a version: another one than the refused ends the hold. */
export async function noteLaunchedVersion(session: JobSession, launch: Launch, imageVersion: string): Promise<void> {
  await changeHold(session, launch, (hold) => noteVersion(hold, imageVersion));
}

/** A launch that was let through to try has been given a job: nothing is refused any more. */
export async function noteProbeServed(session: JobSession, launch: Launch): Promise<void> {
  const { imageVersion, probesHold } = launch;
  if (probesHold && imageVersion !== undefined)
    await changeHold(session, launch, (hold) => noteServed(hold, imageVersion));
}

/**
 * Whether GitHub still has the registration of a launch's runner, which it takes away from one that had a job: then no
 * job was on it, nothing foreign has run in its MicroVM, and its word about its runner counts.
 */
export async function isUntouched(session: JobSession, launch: Launch): Promise<boolean> {
  if (launch.ranJobId !== undefined) return false;
  const github = await session.deps.github();
  const runner = await github.findRunner(session.placeOfRunner(launch), launch.runnerName);
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
  const hold = await holdOf(deps, launch.image).update((before) =>
    noteRefused(before, { imageVersion, launchId, known }, now.getTime()),
  );
  if (isHolding(hold)) await deps.pace.markHeld(true);
  const fields = { runner, launchId, advice: "the log of the refresh function says what is done about it" };
  if (isHolding(hold)) logEvent(context.log, RUNNER_REFUSED, { imageVersion }, fields);
  else context.log.warn("runner.refused_once", { ...fields, imageVersion });
}

// Nothing depends on it that could not wait for the next launch.
async function changeHold(
  { deps, context }: JobSession,
  { image }: Launch,
  change: (hold: RunnerHold) => RunnerHold,
): Promise<void> {
  try {
    const hold = holdOf(deps, image);
    const before = await hold.read();
    if (change(before) === before) return;
    await hold.update(change);
    if (isHolding(before)) context.log.info("runner.accepted", { imageVersion: before.imageVersion });
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    context.log.warn("hold.not_noted", { error: error.name, message: error.message });
  }
}
