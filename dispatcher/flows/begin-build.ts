import { createHash } from "node:crypto";
import type { RunnerEnv } from "../../contract/runner-env.ts";
import { downloadsOf, withRunner } from "../core/build-context.ts";
import { updateOf } from "../core/image-configuration.ts";
import type { BuildPlan } from "../core/refresh-knowledge.ts";
import {
  dropBuild,
  noteAnswer,
  noteBegun,
  noteEnd,
  noteWithdrawn,
  type RefreshBuild,
  type RefreshState,
} from "../core/refresh-state.ts";
import { RefusedError, ThrottledError } from "../errors.ts";
import { readZip, writeZip } from "../zip.ts";
import { ownKey } from "./look-into-image.ts";
import type { RefreshDeps, RefreshResult } from "./refresh-deps.ts";

/**
 * Reads a version's configuration and context, and asks for a new version made of them; `newest`: the last that is
 * listed.
 */
export async function beginBuild(
  deps: RefreshDeps,
  plan: BuildPlan,
  newest: string | undefined,
): Promise<RefreshResult> {
  const { environment, image, code, clock, log } = deps;
  const { rule, from } = plan;
  const known = (await deps.state.read()).versions[from];
  const archive = known === undefined ? undefined : await code.get(known.key);
  if (known === undefined || archive === undefined) {
    log.error("refresh.no_context", { imageVersion: from, key: known?.key, advice: "apply the module again" });
    return { outcome: "no-context", rule };
  }
  const context = readZip(archive);
  const runner = plan.runner?.version ?? known.runner;
  const unreachable = await unreachableOf(deps, downloadsOf(context, runner));
  if (unreachable.length > 0) {
    log.warn("refresh.unreachable", { rule, urls: unreachable });
    return { outcome: "unreachable", rule };
  }
  const made =
    plan.runner === undefined ? archive : writeZip(withRunner(context, envOf(plan.runner, plan.rescue, clock.now())));
  const key = ownKey(made);
  await code.put(key, made);
  const shown = await image.show(from);
  const body = updateOf(shown.configuration, {
    uri: `s3://${environment.CODE_BUCKET}/${key}`,
    baseMajor: plan.base ?? known.base,
  });
  const { rescue, attempted } = plan;
  const expected = `${Number.parseInt(newest ?? "0", 10) + 1}.0`;
  const startedMs = clock.now().getTime();
  const build: RefreshBuild = { rule, from, runner, attempted, key, rescue, expected, startedMs };
  if (!(await claim(deps, build, plan.withdrawn))) return { outcome: "put-off", rule };
  const imageVersion = await ask(deps, body, build);
  if (imageVersion !== expected) log.warn("refresh.overtaken", { imageVersion, expected });
  log.info("refresh.begun", { rule, from, runner, imageVersion, rescue });
  return { outcome: "build", rule, imageVersion };
}

function envOf(runner: { version: string; sha256: string }, rescue: boolean, now: Date): RunnerEnv {
  return {
    RUNNER_VERSION: runner.version,
    RUNNER_SHA256: runner.sha256,
    BUILT: now.toISOString().slice(0, 10),
    ...(rescue ? { RESCUE: "1" as const } : {}),
  };
}

// A download that fails would end the build, and leave the image in a state in which it may not be launched.
async function unreachableOf({ reach }: RefreshDeps, urls: readonly string[]): Promise<string[]> {
  const reached = await Promise.all(urls.map((url) => reach(url)));
  return urls.filter((_, index) => !reached[index]);
}

// Of two runs at once, one begins.
async function claim(deps: RefreshDeps, build: RefreshBuild, withdrawn: string | undefined): Promise<boolean> {
  let isOurs = false;
  await deps.state.update((state) => {
    isOurs = state.build === undefined;
    if (!isOurs) return state;
    return noteBegun(withdrawn === undefined ? state : noteWithdrawn(state, withdrawn), build);
  });
  return isOurs;
}

async function ask(deps: RefreshDeps, body: Record<string, unknown>, build: RefreshBuild): Promise<string> {
  const { image, clock } = deps;
  const ours = (change: (state: RefreshState) => RefreshState) =>
    deps.state.update((state) => (state.build?.startedMs === build.startedMs ? change(state) : state));
  // Another attempt at the same context is another build: the number it should get tells them apart.
  const token = createHash("sha256").update(`${build.key} ${build.expected} ${build.startedMs}`).digest("hex");
  const version = await image.update(body, token).catch(async (error: unknown) => {
    // Whatever else it is, the build may have begun: the next runs look for it.
    if (error instanceof ThrottledError) await ours(dropBuild);
    if (error instanceof RefusedError) {
      const failed = { version: build.expected, terraform: undefined, now: clock.now() };
      await ours((state) => noteFailed(state, failed));
    }
    throw error;
  });
  await ours((state) => noteAnswer(state, version));
  return version;
}

// Refused, so no version was made: the last of ours stays what it was.
function noteFailed(state: RefreshState, facts: Parameters<typeof noteEnd>[2]): RefreshState {
  const { lastOwn: _, ...ended } = noteEnd(state, "failed", facts);
  return state.lastOwn === undefined ? ended : { ...ended, lastOwn: state.lastOwn };
}
