import { type JobRecord, type Launch, latestLaunch } from "../../dispatcher/core/job.ts";
import { DEATHS_TOLD, fateOf, relaunchPace } from "../../dispatcher/core/relaunch.ts";
import { outOfScope } from "../../dispatcher/core/scope.ts";
import { BOOT_SECONDS, isStalled, secondsSince } from "../../dispatcher/core/supply.ts";
import { askingJob, labelsWrong } from "./describe-job.ts";
import type { Conclusion, JobEvidence, JobLaunch } from "./job-evidence.ts";
import { messagesIn } from "./judge-aws.ts";

/** A delivery that is not in the queue so long after the job was queued has been lost or was never sent. */
const DELIVERY_SECONDS = 300;
/** A watch that is late by so much has lost its message, or its attempts fail. */
const WATCH_LATE_SECONDS = 600;

const DISPATCHER_LOG = "look at the dispatcher's log: docs/USAGE.md, A job stays queued, Dispatcher";
const LOOK_AGAIN = "nothing to do; look again in a minute";

/** Where the job is in its life, and what is to be done about it: the first that applies. */
export function explainJob(evidence: JobEvidence, now: Date): Conclusion {
  return whyNoRunner(evidence) ?? whenHeld(evidence) ?? whenQueued(evidence, now);
}

/** Why the job is to get no runner of the deployment now; undefined when it is to get one. */
export function whyNoRunner(evidence: JobEvidence): Conclusion | undefined {
  return whenOver(evidence) ?? whenStarted(evidence) ?? whenNotOurs(evidence);
}

function whenOver({ github, record, launch }: JobEvidence): Conclusion | undefined {
  const seen = typeof github === "object" && "status" in github ? github : undefined;
  const conclusion = seen?.status === "completed" ? (seen.conclusion ?? "unknown") : undefined;
  const over = conclusion ?? (seen === undefined ? record?.conclusion : undefined);
  if (over === undefined) return undefined;
  const left = launch !== undefined && launch.launch.state !== "ended" && isAlive(launch);
  return {
    outcome: "over",
    text: `the job is over: ${over}${seen?.runnerName === null ? ", it never had a runner" : ""}`,
    next: left ? "nothing to do; its MicroVM is ended within minutes" : "nothing to do",
  };
}

function whenStarted({ github, launch }: JobEvidence): Conclusion | undefined {
  if (typeof github !== "object" || !("status" in github) || github.status !== "in_progress") return undefined;
  const { runnerName } = github;
  if (launch === undefined || launch.launch.runnerName !== runnerName) {
    return {
      outcome: "running",
      text: `it runs on ${runnerName ?? "a runner"}, of which this deployment knows nothing`,
      next: "nothing to do here",
    };
  }
  if (isAlive(launch)) return { outcome: "running", text: `it runs on ${runnerName}`, next: "nothing to do" };
  return {
    outcome: "attention",
    text: `it ran on ${runnerName}, whose MicroVM is gone: ${reasonOf(launch)}`,
    next: "GitHub fails the job within minutes: run it again then; was it longer than max_duration_seconds?",
  };
}

function whenNotOurs(evidence: JobEvidence): Conclusion | undefined {
  const { github, scope, repository, record, refusedFork } = evidence;
  if (github === "gone" && record === undefined) {
    return {
      outcome: "unknown",
      text: "GitHub knows no such job, or does not tell this token",
      next: "check the URL, and that the token or the App reaches the repository",
    };
  }
  const job = askingJob(evidence);
  if (job === undefined || typeof github !== "object" || !("status" in github)) return undefined;
  if (github.status === "waiting") {
    return {
      outcome: "waiting",
      text: "GitHub holds it back: an approval, a concurrency group, or a job that it needs",
      next: "see the run's page; a runner comes when GitHub queues it",
    };
  }
  const why = outOfScope(scope, job);
  if (why === "repository") {
    return {
      outcome: "attention",
      text: `${repository} is not served here`,
      next: "add it to github_repositories, or look at the deployment that serves it (--name-prefix)",
    };
  }
  if (why === "labels") {
    return {
      outcome: "attention",
      text: `its labels are not served: ${labelsWrong(scope, github.labels)}`,
      next: "correct runs-on, or required_labels and runner_labels",
    };
  }
  if (why === "class") {
    return {
      outcome: "attention",
      text: `the class that has its labels does not serve ${repository}`,
      next: "add it to the repositories of that class in runner_classes, or correct runs-on",
    };
  }
  if (!refusedFork) return undefined;
  return {
    outcome: "attention",
    text: "a fork's pull request to a public repository: refused",
    next: "read docs/SECURITY.md, Residual risks, before allow_fork_pull_requests = true; or run it on GitHub's runners",
  };
}

// A launch that lives is beyond what holds the others; a job that nobody knows is held by nothing.
function whenHeld({ held, launch, record, github }: JobEvidence): Conclusion | undefined {
  const isKnown = record !== undefined || (typeof github === "object" && !("unknown" in github));
  const lives = launch !== undefined && launch.launch.state !== "ended" && isAlive(launch);
  if (held === undefined || !isKnown || lives) return undefined;
  const { imageVersion, runner, build, builds } = held;
  const text = `GitHub refuses ${runner === undefined ? "the runner" : `runner ${runner}`} of version ${imageVersion}`;
  if (build !== undefined) {
    const since = build.since.toISOString().slice(11, 16);
    return {
      outcome: "waiting",
      text: `${text}; ${build.imageVersion ?? "another"} is being built since ${since} UTC`,
      next: "nothing to do; it is launched when that is built",
    };
  }
  if (builds) {
    return {
      outcome: "waiting",
      text: `${text}; the image is to be built again, and one launch in ten minutes tries`,
      next: "nothing to do; if it stays so, the log of the refresh function says why",
    };
  }
  return {
    outcome: "attention",
    text: `${text}, and a person must apply a newer runner`,
    next: "docs/USAGE.md, The image keeps itself alive: remove image_version and runner_version, or raise them",
  };
}

function whenQueued(evidence: JobEvidence, now: Date): Conclusion {
  const { record, github } = evidence;
  if (record === undefined) return withoutRecord(evidence, now);
  if (typeof github === "object" && "unknown" in github) {
    const { outcome, text, next } = withRecord(evidence, record, now);
    return { outcome, text: `by the record alone, as GitHub was not asked: ${text}`, next };
  }
  return withRecord(evidence, record, now);
}

function withoutRecord({ github, queue, deadLetters }: JobEvidence, now: Date): Conclusion {
  if (typeof github !== "object" || "unknown" in github) {
    return {
      outcome: "unknown",
      text: "the table has no record of it, and GitHub was not asked",
      next: "give the job's URL, and GITHUB_TOKEN",
    };
  }
  const count = "unknown" in queue ? 0 : messagesIn(queue);
  if (!("unknown" in deadLetters) && messagesIn(deadLetters) > 0) {
    return {
      outcome: "attention",
      text: "not taken up, and there are dead letters: its message may be one of them",
      next: "docs/USAGE.md, A job stays queued, Dead letters",
    };
  }
  if (count > 0) {
    return {
      outcome: "waiting",
      text: `not taken up yet: its message may be among the ${count} in the queue`,
      next: `${LOOK_AGAIN}; if it stays so, ${DISPATCHER_LOG}`,
    };
  }
  if (secondsSince(github.createdAt.toISOString(), now) < DELIVERY_SECONDS) {
    return { outcome: "waiting", text: "queued, its delivery has not been handled yet", next: LOOK_AGAIN };
  }
  return {
    outcome: "attention",
    text: "queued, but nothing of it has arrived: no record, no message",
    next: "run gha-microvm doctor: it looks at the webhook and its deliveries",
  };
}

function withRecord(evidence: JobEvidence, record: JobRecord, now: Date): Conclusion {
  const own = latestLaunch(record);
  const { deaths } = relaunchPace(record);
  if (deaths >= DEATHS_TOLD && own?.state === "ended") {
    return {
      outcome: "attention",
      text: `${deaths} MicroVMs died one after the other, the last because of: ${own.endReason ?? "unknown"}; ${nextLaunch(record)}`,
      next: "look at the MicroVMs' logs, mend the cause, then gha-microvm retry JOB",
    };
  }
  const moved = whileLaunching(evidence, record, now);
  if (moved !== undefined) return moved;
  if (record.watchDue !== undefined && secondsSince(record.watchDue, now) > WATCH_LATE_SECONDS) {
    return {
      outcome: "attention",
      text: `queued, and nobody looks after it: the look due at ${record.watchDue} did not happen`,
      next: `${DISPATCHER_LOG}, and Dead letters`,
    };
  }
  return { outcome: "waiting", text: whyWaiting(evidence, record, now), next: nextLook(record) };
}

// The launch is being made: by whom it is, its age tells.
function whileLaunching(evidence: JobEvidence, record: JobRecord, now: Date): Conclusion | undefined {
  const own = latestLaunch(record);
  if (own === undefined || (own.state !== "claimed" && own.state !== "registered")) return undefined;
  const text = `launch ${own.number}: ${whatItWaitsFor(own, evidence)}`;
  if (!isStalled(own, now)) return { outcome: "waiting", text, next: LOOK_AGAIN };
  return {
    outcome: "attention",
    text: `${text}, for ${Math.round(secondsSince(own.claimedAt, now) / 60)} minutes now`,
    next: `${DISPATCHER_LOG}: message.waiting says why`,
  };
}

function whatItWaitsFor({ state, waitsFor }: Launch, { maxConcurrency, runnerClass }: JobEvidence): string {
  const bounds = [
    ...(maxConcurrency === 0 ? [] : [`max_concurrency ${maxConcurrency}`]),
    ...(runnerClass?.maxConcurrency
      ? [`max_concurrency ${runnerClass.maxConcurrency} of class ${runnerClass.name}`]
      : []),
  ];
  const bound = bounds.length === 0 ? "" : ` (${bounds.join(", ")})`;
  if (state === "registered") return "its runner is registered, RunMicrovm is being called";
  switch (waitsFor) {
    case "max_concurrency":
      return `it waits for a place, all are taken${bound}`;
    case "max_concurrency_per_repository":
      return "it waits for a place, its repository has max_concurrency_per_repository";
    case "share":
      return `it waits for a place: its repository has its share, and others with fewer wait${bound}`;
    default:
      return `it waits for its moment${bound}, or its runner is being registered`;
  }
}

function whyWaiting({ launch }: JobEvidence, record: JobRecord, now: Date): string {
  const own = latestLaunch(record);
  if (own === undefined) return "known, and not launched for yet";
  if (own.state === "ended") {
    const why = fateOf(own) === "idle" ? "GitHub gave its runner no job" : (own.endReason ?? "no reason");
    return `launch ${own.number} ended (${why}), ${nextLaunch(record)}`;
  }
  if (own.swappedAt !== undefined || own.ranJobId !== undefined) {
    const other = own.ranJobId === undefined ? "another job" : `job ${own.ranJobId}`;
    return `GitHub gave its runner to ${other}; that one's runner is owed to it`;
  }
  if (launch !== undefined && !isAlive(launch)) return `its MicroVM is gone: ${reasonOf(launch)}; another is to come`;
  return secondsSince(own.launchedAt, now) < BOOT_SECONDS
    ? `launch ${own.number}: its MicroVM boots and its runner connects`
    : `launch ${own.number}: its MicroVM runs, but its runner has not got the job`;
}

function nextLaunch(record: JobRecord): string {
  const { dueMs } = relaunchPace(record);
  if (dueMs === 0) return "another is to come";
  return `another is due at ${new Date(dueMs).toISOString()}, or when GitHub gives jobs again`;
}

function nextLook({ watchDue }: JobRecord): string {
  return watchDue === undefined ? LOOK_AGAIN : `nothing to do; the dispatcher looks after it at ${watchDue}`;
}

function isAlive({ launch, microvm }: JobLaunch): boolean {
  if (microvm === undefined) return launch.state !== "ended";
  if (microvm === "gone") return false;
  return "unknown" in microvm || !/^TERMINAT/.test(microvm.state);
}

function reasonOf({ launch, microvm }: JobLaunch): string {
  const reason = typeof microvm === "object" && "state" in microvm ? microvm.stateReason : undefined;
  return reason ?? launch.endReason ?? "the service gives no reason";
}
