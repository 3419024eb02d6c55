import type { Launch } from "../../dispatcher/core/job.ts";
import { type AskingJob, type ClassScope, outOfScope, type Scope } from "../../dispatcher/core/scope.ts";
import { type Conclusion, EXIT_CODES, type JobEvidence, type Unknown } from "./job-evidence.ts";
import type { QueueView } from "./judge-aws.ts";
import { printRows, type Row } from "./print-rows.ts";

/** What was found, place by place, and what follows from it. */
export function printJob(evidence: JobEvidence, conclusion: Conclusion): string {
  const { jobId, repository, record, launch } = evidence;
  const launches = record?.launches.map((each): Row => ["", launchText(each)]) ?? [];
  const microvm = launch?.launch.microvmId;
  return printRows([
    ["Job", `${jobId}${repository === undefined ? "" : ` of ${repository}`}`],
    ["GitHub", githubText(evidence)],
    ["Record", record === undefined ? "none in the table" : `kept since ${record.createdAt}`],
    ...launches,
    ["Queue", queueText(evidence.queue)],
    ["Dead letters", queueText(evidence.deadLetters)],
    ["MicroVM", microvm === undefined ? "none is known" : `${microvm}: ${microvmText(evidence)}`],
    ["", ""],
    ["Conclusion", `${conclusion.outcome.toUpperCase()}: ${conclusion.text}`],
    ["Next", conclusion.next],
  ]);
}

/** The same for programs: fields may be added to it, never renamed. Nothing of a runner's configuration is in it. */
export function jobDocument(evidence: JobEvidence, conclusion: Conclusion): object {
  const { jobId, repository, github, record, launch, queue, deadLetters } = evidence;
  return {
    version: 1,
    jobId,
    repository: repository ?? null,
    class: evidence.runnerClass?.name ?? null,
    github: github === "gone" ? { unknown: "GitHub knows no such job, or does not tell" } : github,
    record: record === undefined ? null : { createdAt: record.createdAt, watchDue: record.watchDue ?? null },
    launches: (record?.launches ?? []).map(({ runInput: _, ...shown }) => ({ ...shown, text: launchText(shown) })),
    microvm:
      launch?.launch.microvmId === undefined ? null : { id: launch.launch.microvmId, text: microvmText(evidence) },
    queue,
    deadLetters,
    conclusion,
    exitCode: EXIT_CODES[conclusion.outcome],
  };
}

/** A launch's state in words. */
export function launchText(launch: Launch): string {
  const { number, claimedAt, launchedAt, slotAt, endedAt, endReason } = launch;
  switch (launch.state) {
    case "claimed":
      return slotAt === undefined
        ? `launch ${number}: begun ${claimedAt}, no runner yet`
        : `launch ${number}: begun ${claimedAt}, its moment is ${slotAt}`;
    case "registered":
      return launch.ambiguous
        ? `launch ${number}: RunMicrovm was called and did not answer, it is called again`
        : `launch ${number}: runner ${launch.runnerName} registered, no MicroVM yet`;
    case "running":
      return `launch ${number}: MicroVM launched ${launchedAt ?? "at a time unknown"}`;
    case "ended":
      return `launch ${number}: ended ${endedAt ?? ""} (${endReason ?? "no reason"})`;
  }
}

/** The job as the dispatcher judges it; undefined while GitHub or the repository is not known. */
export function askingJob({ github, repository, runId, record }: JobEvidence): AskingJob | undefined {
  if (typeof github !== "object" || !("status" in github) || repository === undefined) return undefined;
  return { repository, runId: runId ?? record?.runId ?? 0, labels: github.labels };
}

/** Which labels keep a job from being served, by the class that is nearest. */
export function labelsWrong({ classes }: Scope, labels: readonly string[]): string {
  const texts = classes.map((each) => {
    const text = wrongFor(each, labels);
    return classes.length === 1 ? text : `${text} (class ${each.name})`;
  });
  return texts.reduce((nearest, text) => (text.length < nearest.length ? text : nearest), texts[0] ?? "");
}

function wrongFor({ requiredLabels, runnerLabels }: ClassScope, labels: readonly string[]): string {
  const has = (list: readonly string[], label: string) =>
    list.some((other) => other.toLowerCase() === label.toLowerCase());
  const missing = requiredLabels.filter((label) => !has(labels, label));
  const foreign = labels.filter((label) => !has(runnerLabels, label));
  return [
    ...(missing.length > 0 ? [`${missing.join(", ")} missing`] : []),
    ...(foreign.length > 0 ? [`no runner has ${foreign.join(", ")}`] : []),
  ].join("; ");
}

function githubText(evidence: JobEvidence): string {
  const { github, scope, runnerClass } = evidence;
  if (github === "gone") return "knows no such job, or does not tell";
  if ("unknown" in github) return `not asked: ${github.unknown}`;
  const { status, conclusion, runnerName, labels, createdAt } = github;
  const job = askingJob(evidence);
  const wrong = job !== undefined && outOfScope(scope, job) === "labels";
  const served = scope.classes.length > 1 && runnerClass ? `served, class ${runnerClass.name}` : "served";
  return [
    conclusion === null ? status : `${status}: ${conclusion}`,
    `created ${createdAt.toISOString()}`,
    runnerName === null ? "no runner" : `runner ${runnerName}`,
    `labels ${labels.join(", ")}${wrong ? ` (${labelsWrong(scope, labels)})` : ` (${served})`}`,
  ].join("; ");
}

function queueText(queue: QueueView | Unknown): string {
  if ("unknown" in queue) return `not looked at: ${queue.unknown}`;
  const { visible, inFlight, delayed } = queue;
  const counts = `${visible} to be taken, ${inFlight} being handled, ${delayed} waiting`;
  // To see whose they are they would have to be received, which hides them from the dispatcher.
  return visible + inFlight + delayed === 0 ? counts : `${counts}; whose they are cannot be seen`;
}

function microvmText({ launch }: JobEvidence): string {
  const microvm = launch?.microvm;
  if (microvm === undefined) return "not looked at";
  if (microvm === "gone") return "the service does not know it any more";
  if ("unknown" in microvm) return `not looked at: ${microvm.unknown}`;
  return microvm.stateReason === undefined ? microvm.state : `${microvm.state}, ${microvm.stateReason}`;
}
