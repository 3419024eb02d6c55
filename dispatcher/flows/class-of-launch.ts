import { DEFAULT_CLASS } from "../../contract/runner-classes.ts";
import type { Launch } from "../core/job.ts";
import { launchScopeOf, type RunnerClass } from "../core/runner-classes.ts";
import type { DispatcherDeps } from "./deps.ts";

/** The class of a launch's runner as it is now; undefined where it was removed meanwhile. */
export async function classOfLaunch(
  deps: Pick<DispatcherDeps, "environment" | "classes">,
  launch: Pick<Launch, "class">,
): Promise<RunnerClass | undefined> {
  const { classes } = launchScopeOf(deps.environment, await deps.classes());
  return classes.find(({ name }) => name === classNameOf(launch));
}

/** The name of a launch's class, for logs. */
export function classNameOf(launch: Pick<Launch, "class">): string {
  return launch.class ?? DEFAULT_CLASS;
}
