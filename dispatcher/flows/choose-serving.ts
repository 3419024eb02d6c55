import type { LaunchMessage } from "../../contract/messages.ts";
import { DEFAULT_CLASS } from "../../contract/runner-classes.ts";
import type { Serving } from "../core/plan-launch.ts";
import { launchScopeOf, type RunnerClass } from "../core/runner-classes.ts";
import { chooseClass, type OutOfScope } from "../core/scope.ts";
import type { DispatcherDeps, FlowResult } from "./deps.ts";

/** How a job is served by the classes of now. */
export interface Choice {
  classes: readonly RunnerClass[];
  served: { runnerClass: RunnerClass; serving: Serving } | OutOfScope;
}

/** Judges a job's labels and repository anew, whatever the webhook function made of them. */
export async function chooseServing(deps: DispatcherDeps, message: LaunchMessage): Promise<Choice> {
  const scope = launchScopeOf(deps.environment, await deps.classes());
  const chosen = chooseClass(scope, message);
  if (typeof chosen === "string") return { classes: scope.classes, served: chosen };
  const { class: runnerClass, labels } = chosen;
  const { name, image, groupId } = runnerClass;
  const serving = {
    ...(name === DEFAULT_CLASS ? {} : { class: name }),
    ...(image === undefined ? {} : { image }),
    ...{ labels: [...labels], groupId },
  };
  return { classes: scope.classes, served: { runnerClass, serving } };
}

/**
 * An apply changes the webhook function before the dispatcher, which needs its URL: as long as it may take in between.
 */
const MISSED_SECONDS = 20;
const MAX_MISSES = 30;

/**
 * What becomes of a job that no class here serves, while the webhook function judged it by other classes: it comes
 * again for some minutes. Undefined: it has no other chance.
 */
export function afterMiss({ environment }: DispatcherDeps, message: LaunchMessage): FlowResult | undefined {
  const { classes, misses = 0 } = message;
  if (classes === undefined || classes === environment.CLASSES_PARAM || misses >= MAX_MISSES) return undefined;
  return { kind: "again", seconds: MISSED_SECONDS, exactly: true, message: { ...message, misses: misses + 1 } };
}
