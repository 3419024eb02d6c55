/** The images of a deployment are built one after the other, so that what breaks jobs breaks those of one. */
import type { RefreshKnowledge, RefreshPlan } from "./refresh-knowledge.ts";
import { isPatient, type RefreshState } from "./refresh-state.ts";

/** An image whose new version nobody uses keeps the next from its turn for so long. */
export const TURN_MS = 24 * 3_600_000;

/** Another image of the deployment. */
export interface OtherImage {
  state: RefreshState;
  /** The version of it whose runner was last given a job. */
  served: string | undefined;
}

/** Whether a plan holds only if no other image has its turn. */
export function needsTurn(plan: RefreshPlan, { rebuild }: Pick<RefreshKnowledge, "rebuild">): boolean {
  return plan.kind === "build" && isPatient(plan.build.rule) && !rebuild;
}

/**
 * The plan once it is known how far the other images are: the next has its turn when a job ran on what was built
 * before.
 */
export function inTurn(plan: RefreshPlan, others: readonly OtherImage[], now: Date): RefreshPlan {
  const isTaken = others.some((each) => hasTurn(each, now.getTime() - TURN_MS));
  return plan.kind === "build" && isTaken ? { kind: "wait", build: plan.build, because: "turn" } : plan;
}

function hasTurn({ state, served }: OtherImage, sinceMs: number): boolean {
  const { turn, build, failures, lastOwn } = state;
  if (turn === undefined || turn.sinceMs <= sinceMs) return false;
  // What was built again only to mend a failure says nothing of what failed.
  return build !== undefined || failures[turn.attempted] !== undefined || served !== lastOwn;
}
