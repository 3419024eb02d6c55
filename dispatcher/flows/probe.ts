import { type DeploymentState, isProbeDue } from "../core/deployment.ts";
import type { DispatcherDeps } from "./deps.ts";

/**
 * Whether this job is the one that is launched now to see whether GitHub gives jobs again: one in the deployment is.
 */
export async function mayProbe(deps: DispatcherDeps, state: DeploymentState, jobId: number): Promise<boolean> {
  const nowMs = deps.clock.now().getTime();
  if (!isProbeDue(state, jobId, nowMs)) return false;
  let taken = false;
  await deps.deployment.update((before) => {
    taken = isProbeDue(before, jobId, nowMs);
    return taken ? { ...before, probedMs: nowMs } : before;
  });
  return taken;
}
