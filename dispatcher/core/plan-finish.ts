/**
 * What to do about a record when a job is over or a MicroVM reports that its runner has exited: a pure function, asked
 * again after each step.
 */
import { heldByAnother, type JobRecord, type Launch, mayHaveUnknownMicrovm, newRecord } from "./job.ts";

export type FinishStep =
  | { kind: "done"; reason: "settled" | "unknown" }
  /** A launch is being made at this moment; look again. */
  | { kind: "wait"; seconds: number }
  /** Write this record, then go on. */
  | { kind: "write"; record: JobRecord }
  /** The runner has done its job, and GitHub has dropped its registration: the MicroVM can go at once. */
  | { kind: "terminate"; launchNumber: number }
  /** The runner may not have had a job: the registration must go first. */
  | { kind: "end"; launchNumber: number };

export interface FinishKnowledge {
  record: JobRecord | undefined;
  now: Date;
  /** Names this attempt. */
  holder: string;
  /** GitHub's conclusion, where the message says that this record's job is over. */
  conclusion?: string;
  /** What the message says of the job that is over. */
  over?: { jobId: number; runId: number; repository: string };
  /** The launch whose runner finished, where it is one of this record's. */
  finished?: { launchNumber: number; source: "completed" | "vm" };
  /** The message has waited already. */
  again: boolean;
  /** Launches that were found busy in this run: another job's end will name them. */
  busy: readonly number[];
}

/** How long to wait for a worker that is in the middle of a launch. */
const LAUNCH_SECONDS = 10;

/** How long the `completed` delivery may be behind a MicroVM's own call. */
const COMPLETED_SECONDS = 8;

/** Decides the next step of a finish. */
export function planFinish(known: FinishKnowledge): FinishStep {
  const { record, finished } = known;
  if (record === undefined) {
    // Its `queued` delivery is late or lost: should it come yet, it finds that the job is over.
    const { conclusion, over } = known;
    if (conclusion === undefined || over === undefined) return { kind: "done", reason: "unknown" };
    return { kind: "write", record: { ...newRecord(over, known.now), conclusion } };
  }
  if (heldByAnother(record, known.holder, known.now)) return { kind: "wait", seconds: LAUNCH_SECONDS };
  if (known.conclusion !== undefined && record.conclusion === undefined) {
    return { kind: "write", record: { ...record, conclusion: known.conclusion } };
  }
  const launch = record.launches.find((candidate) => candidate.number === finished?.launchNumber);
  if (launch && finished && !known.busy.includes(launch.number)) {
    const step = finishLaunch(launch, finished.source, known.again);
    if (step) return step;
  }
  return cancelledInQueue(known, record) ?? { kind: "done", reason: "settled" };
}

function finishLaunch(launch: Launch, source: "completed" | "vm", again: boolean): FinishStep | undefined {
  switch (launch.state) {
    case "ended":
      return undefined;
    case "running":
      // GitHub's own word that the job is over is usually a moment behind, and with it nothing need be asked of GitHub.
      if (source === "vm" && !again) return { kind: "wait", seconds: COMPLETED_SECONDS };
      return { kind: source === "completed" ? "terminate" : "end", launchNumber: launch.number };
    case "claimed":
    case "registered":
      // Its MicroVM exists, so whoever launched it died before writing that down: the launch message comes again and
      // does.
      return { kind: "wait", seconds: LAUNCH_SECONDS };
  }
}

// No runner had the job: what was launched for it is taken back, unless GitHub gave it another job meanwhile.
function cancelledInQueue(known: FinishKnowledge, record: JobRecord): FinishStep | undefined {
  if (known.conclusion === undefined || known.finished !== undefined) return undefined;
  const live = record.launches.find((launch) => launch.state !== "ended" && !known.busy.includes(launch.number));
  if (live === undefined) return undefined;
  // A MicroVM that may exist without our knowing its id is found by the launch message's next attempt.
  if (mayHaveUnknownMicrovm(record, live)) return { kind: "wait", seconds: LAUNCH_SECONDS };
  return { kind: "end", launchNumber: live.number };
}
