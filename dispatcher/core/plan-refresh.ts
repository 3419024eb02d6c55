/**
 * What the refresh function does next about the image: the first of eight rules that applies decides, and bounds keep
 * it back where a build would do harm.
 */
import { daysLeft } from "./days-left.ts";
import { BOUNDS, type Bounds, type BuildPlan, type RefreshKnowledge, type RefreshPlan } from "./refresh-knowledge.ts";
import {
  bounded,
  buildOf,
  isBetter,
  isRefusedAtAll,
  isRefusedHere,
  isSkipped,
  isUsable,
  newestBase,
  newestFirst,
  type View,
  viewOf,
} from "./refresh-view.ts";
import { compareRunners, isRefused } from "./runner-releases.ts";

const DAY_MS = 24 * 3_600_000;

/** What to do next. */
export function planRefresh(knowledge: RefreshKnowledge, bounds: Bounds = BOUNDS): RefreshPlan {
  const view = viewOf(knowledge, bounds);
  for (const rule of RULES) {
    const plan = rule(view);
    if (plan !== undefined) return plan;
  }
  return { kind: "rest" };
}

const RULES: readonly ((view: View) => RefreshPlan | undefined)[] = [
  follow,
  settle,
  heal,
  withdraw,
  bringBack,
  rescue,
  renew,
  age,
];

function follow({ imageState, state: { build }, now, bounds }: View): RefreshPlan | undefined {
  if (imageState !== "CREATING" && imageState !== "UPDATING" && imageState !== "DELETING") return undefined;
  const isStuck = build !== undefined && now.getTime() - build.startedMs >= bounds.stuckMs;
  return { kind: "follow", ...(isStuck ? { stuck: build } : {}) };
}

function settle({ state: { build }, versions, now, bounds }: View): RefreshPlan | undefined {
  if (build === undefined) return undefined;
  const { version } = build;
  if (version === undefined) {
    return now.getTime() - build.startedMs < bounds.lostMs
      ? { kind: "follow" }
      : { kind: "settle", build, outcome: "lost" };
  }
  // A version that is not listed any more was deleted, which happens to those that failed.
  const isBuilt = versions.some((each) => each.version === version && each.state === "SUCCESSFUL");
  return { kind: "settle", build, outcome: isBuilt ? "built" : "failed", version };
}

function heal(view: View): RefreshPlan | undefined {
  const { imageState, launched, versions, state, now, bounds } = view;
  if (imageState !== "UPDATE_FAILED" || launched === undefined) return undefined;
  const failed = newestFirst(versions).find((each) => each.state === "FAILED");
  const isOurs = failed !== undefined && failed.version === state.lastOwn;
  const isFresh = failed !== undefined && now.getTime() - failed.createdAt.getTime() < bounds.healTerraformMs;
  const build = buildOf("heal", launched, {});
  if (!isOurs && isFresh) return { kind: "wait", build, because: "quiet" };
  // Launches may be refused in this state: it is never given up, only tried less often.
  return bounded(view, build, { unending: true });
}

// From the newest of ours down to the first whose runner is good. One of Terraform's stays: what it changed would be
// lost.
function withdraw(view: View): RefreshPlan | undefined {
  const { launched, active } = view;
  if (launched === undefined || !launched.facts.own || !isRefusedHere(view, launched)) return undefined;
  const end = active.findIndex((each) => !each.facts.own || !isRefusedAtAll(view, each));
  const next = active[end];
  if (next === undefined || isRefusedAtAll(view, next)) return undefined;
  return { kind: "withdraw", version: launched.version, runner: launched.facts.runner };
}

function bringBack(view: View): RefreshPlan | undefined {
  const { launched, state, releases, now } = view;
  if (launched === undefined) return undefined;
  const { covered, newest } = state;
  const base = covered === undefined ? undefined : state.versions[covered];
  if (covered !== undefined && base !== undefined) {
    const { runner: version, runnerSha256: sha256 } = launched.facts;
    const build = buildOf("return", { version: covered, facts: base }, { runner: { version, sha256 } });
    return bounded(view, build, {});
  }
  if (launched.facts.own || newest === undefined) return undefined;
  if (compareRunners(launched.facts.runner, newest.runner) >= 0) return undefined;
  if (isSkipped(view, newest.runner) || isRefused(releases, newest.runner, now)) return undefined;
  const build = buildOf("return", launched, { runner: { version: newest.runner, sha256: newest.sha256 } });
  return bounded(view, build, {});
}

function rescue(view: View): RefreshPlan | undefined {
  const { launched, releases, now, bounds } = view;
  if (launched === undefined) return undefined;
  const refused = isRefusedAtAll(view, launched);
  const left = daysLeft(releases, launched.facts.runner, now);
  if (!refused && (left === undefined || left >= bounds.urgentDays)) return undefined;
  const release = releases.releases.findLast((each) => isUsable(view, each) && isBetter(launched.facts, each, refused));
  if (release === undefined) return undefined;
  const build: BuildPlan = {
    ...buildOf("rescue", launched, { runner: { version: release.version, sha256: release.sha256 } }),
    rescue: refused,
    ...(isRefusedHere(view, launched) ? { withdrawn: launched.facts.runner } : {}),
  };
  return bounded(view, build, { unending: true, quiet: !refused });
}

function renew(view: View): RefreshPlan | undefined {
  const { launched, releases, settings, now } = view;
  if (launched === undefined) return undefined;
  const release = releases.releases.findLast(
    (each) =>
      isBetter(launched.facts, each, false) &&
      !isSkipped(view, each.version) &&
      now.getTime() - each.seenMs >= settings.soakDays * DAY_MS &&
      (releases.refusedFromMs[each.version] === null || !releases.enforced),
  );
  if (release === undefined) return undefined;
  const build = buildOf("renew", launched, { runner: { version: release.version, sha256: release.sha256 } });
  return bounded(view, build, { quiet: true, hours: true });
}

function age(view: View): RefreshPlan | undefined {
  const { launched, settings, now, bases, rebuild = false } = view;
  if (launched === undefined) return undefined;
  const { facts } = launched;
  const isOld = settings.maxAgeDays > 0 && now.getTime() - facts.builtMs >= settings.maxAgeDays * DAY_MS;
  const isDying = bases.some(({ major, status }) => major === facts.base && status === "DEPRECATED");
  const base = isDying ? newestBase(bases) : undefined;
  if (!isOld && !rebuild && base === undefined) return undefined;
  const build = buildOf("age", launched, {
    runner: { version: facts.runner, sha256: facts.runnerSha256 },
    ...(base === undefined ? {} : { base }),
  });
  return bounded(view, build, { quiet: true, hours: true });
}
