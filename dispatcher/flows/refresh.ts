import { logEvent, RUNNER_DAYS_LEFT } from "../../contract/events.ts";
import { daysLeft } from "../core/days-left.ts";
import { planRefresh } from "../core/plan-refresh.ts";
import type { RefreshKnowledge, RefreshPlan } from "../core/refresh-knowledge.ts";
import { dropBuild, noteEnd, noteWithdrawn } from "../core/refresh-state.ts";
import { inTurn, needsTurn } from "../core/refresh-turn.ts";
import { launchableVersions, newestFirst } from "../core/refresh-view.ts";
import { isHolding, NO_HOLD, noteVersion } from "../core/runner-hold.ts";
import { ThrottledError } from "../errors.ts";
import { beginBuild } from "./begin-build.ts";
import { lookIntoImage } from "./look-into-image.ts";
import type { RefreshDeps, RefreshResult } from "./refresh-deps.ts";

/** GitHub is asked every six hours about its runner; so long without an answer is no outage any more. */
const BLIND_MS = 7 * 24 * 3_600_000;
/** A build can have ended and the next be due: more than two steps in one run would be a circle. */
const MAX_STEPS = 3;

/**
 * One run: notes how the last build ended, and begins the next where one is due. Nothing that was read outlives it, so
 * that no build puts back what an apply has changed since.
 */
export async function refresh(deps: RefreshDeps, request: { rebuild: boolean }): Promise<RefreshResult> {
  const { log } = deps;
  try {
    for (let step = 1; step <= MAX_STEPS; step++) {
      const knowledge = await learn(deps, request.rebuild);
      const due = planRefresh(knowledge);
      const plan = needsTurn(due, knowledge) ? inTurn(due, await others(deps), knowledge.now) : due;
      if (step === 1) tell(deps, knowledge, plan);
      await liftHold(deps, knowledge);
      const result = await carryOut(deps, knowledge, plan);
      if (plan.kind !== "settle") return result;
    }
    return { outcome: "settle" };
  } catch (error: unknown) {
    const message = error instanceof Error ? error.message : "something that is no error was thrown";
    if (!(error instanceof ThrottledError)) {
      log.error("refresh.failed", { message });
      throw error;
    }
    log.warn("refresh.put_off", { reason: error.reason, message });
    return { outcome: "put-off" };
  }
}

// Where nothing is built, what is due is told at once.
const others = async (deps: RefreshDeps) => (deps.environment.MODE === "watch" ? [] : deps.others());

async function learn(deps: RefreshDeps, rebuild: boolean): Promise<RefreshKnowledge> {
  const { environment, image, clock, log } = deps;
  const [imageState, versions, releases, hold] = await Promise.all([
    image.state(),
    image.versions(),
    deps.releases.read(),
    deps.hold.read(),
  ]);
  const { state, baseImageArn } = await lookIntoImage(deps, versions);
  const bases = baseImageArn === undefined ? [] : await image.bases(baseImageArn);
  if (baseImageArn === undefined) log.warn("refresh.unreadable", { imageVersion: launchableVersions(versions)[0] });
  return {
    now: clock.now(),
    settings: {
      soakDays: environment.SOAK_DAYS,
      maxAgeDays: environment.MAX_AGE_DAYS,
      hoursUtc: environment.HOURS_UTC,
      skipRunners: environment.SKIP_RUNNERS,
    },
    ...{ imageState, versions, bases, state, releases, rebuild },
    heldVersion: isHolding(hold) ? hold.imageVersion : undefined,
  };
}

// Each run: what launches get and what is to be done about it; where it is known, how long that lasts.
function tell({ environment, log }: RefreshDeps, knowledge: RefreshKnowledge, plan: RefreshPlan): void {
  const { state, versions, releases, now } = knowledge;
  const imageVersion = environment.IMAGE_VERSION || launchableVersions(versions)[0];
  const facts = imageVersion === undefined ? undefined : state.versions[imageVersion];
  const left = facts === undefined ? undefined : daysLeft(releases, facts.runner, now);
  log.info("refresh.checked", {
    mode: environment.MODE,
    imageVersion,
    imageState: knowledge.imageState,
    runner: facts?.runner,
    newestRunner: releases.releases.at(-1)?.version,
    plan: plan.kind,
    rule: "build" in plan ? plan.build.rule : undefined,
    because: plan.kind === "wait" ? plan.because : undefined,
  });
  if (imageVersion === undefined || facts === undefined) return;
  const asked = releases.checkedMs === 0 ? facts.builtMs : releases.checkedMs;
  if (now.getTime() - asked > BLIND_MS) {
    const lastAnswer = releases.checkedMs === 0 ? "never" : new Date(releases.checkedMs).toISOString();
    log.error("refresh.blind", {
      lastAnswer,
      advice: "the log of the redeliver function says why GitHub is not asked",
    });
  }
  if (left === undefined) return;
  logEvent(log, RUNNER_DAYS_LEFT, { daysLeft: left, runner: facts.runner, imageVersion });
}

async function carryOut(deps: RefreshDeps, knowledge: RefreshKnowledge, plan: RefreshPlan): Promise<RefreshResult> {
  const { environment, log } = deps;
  switch (plan.kind) {
    case "rest":
      return { outcome: "rest" };
    case "follow":
      if (plan.stuck !== undefined) {
        const { version: imageVersion, rule, startedMs } = plan.stuck;
        log.error("refresh.stuck", { imageVersion, rule, since: new Date(startedMs).toISOString() });
      }
      return { outcome: "follow" };
    case "settle":
      return settle(deps, knowledge, plan);
    case "wait":
      if (plan.because === "versions") {
        log.error("refresh.too_many_versions", {
          versions: knowledge.versions.length,
          advice: "see the log of the prune function, or delete versions that nothing uses",
        });
      }
      return { outcome: "wait", rule: plan.build.rule };
    case "withdraw":
      if (environment.MODE === "watch") return due(deps, "withdraw", plan.version);
      // Noted and told first: should this run end in between, the next goes on here, and nobody takes the release
      // again.
      await deps.state.update((state) => noteWithdrawn(state, plan.runner));
      log.error("refresh.withdrawn", { imageVersion: plan.version, runner: plan.runner });
      await deps.image.deactivate(plan.version);
      await deps.hold.update(() => NO_HOLD);
      return { outcome: "withdraw", imageVersion: plan.version };
    case "build":
      if (environment.MODE === "watch") return due(deps, plan.build.rule, plan.build.from);
      return beginBuild(deps, plan.build, newestFirst(knowledge.versions)[0]?.version);
  }
}

function due({ log }: RefreshDeps, rule: string, imageVersion: string): RefreshResult {
  log.warn("refresh.due", { rule, imageVersion });
  return { outcome: "due", rule, imageVersion };
}

// Whoever waits for another image need not wait for the next that tries; who waits for another runner gets none by
// waiting.
async function liftHold({ environment, hold, log }: RefreshDeps, knowledge: RefreshKnowledge): Promise<void> {
  const { heldVersion, versions, state } = knowledge;
  const imageVersion = environment.IMAGE_VERSION || launchableVersions(versions)[0];
  if (heldVersion === undefined || imageVersion === undefined || imageVersion === heldVersion) return;
  const runner = state.versions[imageVersion]?.runner;
  if (runner === undefined || runner === state.versions[heldVersion]?.runner) return;
  await hold.update((held) => noteVersion(held, imageVersion));
  log.info("refresh.hold_lifted", { imageVersion, heldVersion });
}

async function settle(
  { image, state, clock, log }: RefreshDeps,
  knowledge: RefreshKnowledge,
  { build, outcome, version }: Extract<RefreshPlan, { kind: "settle" }>,
): Promise<RefreshResult> {
  const { rule, runner, attempted } = build;
  const fields = { rule, runner, imageVersion: version, from: build.from };
  if (outcome === "lost" || version === undefined) {
    log.warn("refresh.not_begun", fields);
    await state.update((now) => (now.build?.startedMs === build.startedMs ? dropBuild(now) : now));
    return { outcome: "settle", rule };
  }
  // Told before it is noted: once the end is noted nobody asks again, and to be told twice is better than never.
  if (outcome === "failed") {
    const reasons = await image.failures(version);
    log.error("refresh.build_failed", { ...fields, reason: reasons.join("; ") || "the service gives none" });
  } else {
    log.info("refresh.built", fields);
    if (build.rescue) log.error("refresh.rescued", fields);
  }
  const terraform = newestFirst(knowledge.versions)
    .filter((each) => each.state === "SUCCESSFUL")
    .map((each) => each.version)
    .find((each) => each !== version);
  await state.update((now) =>
    now.build?.attempted === attempted && now.build.startedMs === build.startedMs
      ? noteEnd(now, outcome, { version, terraform, now: clock.now() })
      : now,
  );
  return { outcome: "settle", rule, imageVersion: version };
}
