import type { LaunchMessage } from "../../contract/messages.ts";
import { noteUnreachable } from "../core/deployment.ts";
import { latestLaunch, released, withLaunch } from "../core/job.ts";
import { NotFoundError, NotInstalledError, RefusedError } from "../errors.ts";
import type { DispatcherDeps, FlowContext, FlowResult } from "./deps.ts";
import { JobSession } from "./job-session.ts";
import { ensureWatch } from "./schedule-watch.ts";

/**
 * Undoes a launch that is not needed, or cannot be made; where GitHub refuses to be asked and no MicroVM was started,
 * by the record alone.
 */
export async function abandon(
  session: JobSession,
  number: number,
  reason: string,
): Promise<"ended" | "busy" | "changed"> {
  try {
    return await session.end(number, reason);
  } catch (error: unknown) {
    if (!isRefusal(error) || session.launch(number).microvmId !== undefined) throw error;
    const ended = await session.terminate(number, reason, { runnerLeft: true });
    if (ended === "ended") await ensureWatch(session);
    return ended;
  }
}

/**
 * What becomes of a launch whose attempt failed: the next attempt need not wait for its lease, and no other launch for
 * its place. The error goes on to whoever handles the message, unless no later attempt could end otherwise.
 */
export async function settleFailedLaunch(
  deps: DispatcherDeps,
  context: FlowContext,
  message: LaunchMessage,
  error: unknown,
): Promise<FlowResult> {
  // Should this fail too, the lease ends by itself, and with the next attempt the place is taken again.
  const settled = await settleClaim(deps, context, message, error).catch(() => false);
  if (settled) return { kind: "done" };
  throw error;
}

// Only of a claim is it certain that RunMicrovm was not called under it.
async function settleClaim(
  deps: DispatcherDeps,
  context: FlowContext,
  message: LaunchMessage,
  error: unknown,
): Promise<boolean> {
  const session = await JobSession.open(deps, context, message.jobId);
  const launch = session.found && latestLaunch(session.found);
  if (launch?.state !== "claimed" || session.found?.lease?.holder !== context.holder) return false;
  if (error instanceof NotInstalledError) {
    await noteNotInstalled(deps, context, message.repository);
    if ((await session.terminate(launch.number, error.name)) !== "ended") return false;
    // A repository that was reached before may be so again.
    if (session.record.launches.some(({ microvmId }) => microvmId !== undefined)) await ensureWatch(session);
    return true;
  }
  const refusedAt = deps.clock.now().toISOString();
  await session.change(
    (record) =>
      withLaunch(released(record, context.holder), launch.number, (old) =>
        isRefusal(error) ? { ...old, refusedAt } : old,
      ),
    { onConflict: "reread" },
  );
  await session.releasePlace(launch.number);
  return false;
}

/**
 * Logs once an hour that the App does not reach a repository: an organization's webhook brings the jobs of all its
 * repositories, also of those in which the App is not installed.
 */
export async function noteNotInstalled(deps: DispatcherDeps, context: FlowContext, repository: string): Promise<void> {
  let isNews = false;
  await deps.deployment.update((state) => {
    const next = noteUnreachable(state, repository, deps.clock.now().getTime());
    isNews = next !== state;
    return next;
  });
  if (isNews)
    context.log.warn("repository.unreachable", { repo: repository, reason: "the App is not installed in it" });
}

function isRefusal(error: unknown): boolean {
  return error instanceof RefusedError || error instanceof NotFoundError;
}
