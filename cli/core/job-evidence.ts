import type { JobRecord, Launch } from "../../dispatcher/core/job.ts";
import type { RunnerClass } from "../../dispatcher/core/runner-classes.ts";
import type { Scope } from "../../dispatcher/core/scope.ts";
import type { Microvm } from "../../dispatcher/core/views.ts";
import type { QueueView } from "./judge-aws.ts";

/** What could not be looked at, and why. */
export interface Unknown {
  unknown: string;
}

/** The job as GitHub shows it. */
export interface GitHubJob {
  status: "queued" | "waiting" | "in_progress" | "completed";
  conclusion: string | null;
  runnerName: string | null;
  labels: string[];
  createdAt: Date;
}

/** The launch that has the job or is to have it; it may have been made for another job. */
export interface JobLaunch {
  id: string;
  launch: Launch;
  /** Absent while it has none; `gone`: the service does not know it any more. */
  microvm?: Pick<Microvm, "state" | "stateReason"> | "gone" | Unknown;
}

/** Everything that was found out about one job. */
export interface JobEvidence {
  jobId: number;
  repository: string | undefined;
  scope: Scope;
  /** The class that serves it; absent: none does, or its labels are not known. */
  runnerClass?: Pick<RunnerClass, "name" | "maxConcurrency" | "allowForkPullRequests">;
  maxConcurrency: number;
  /** `gone`: GitHub knows no such job, or does not tell this caller. */
  github: GitHubJob | "gone" | Unknown;
  /** Absent: GitHub did not tell. */
  runId?: number;
  /** Its run is a fork's pull request, and those are not served. */
  refusedFork: boolean;
  record: JobRecord | undefined;
  launch: JobLaunch | undefined;
  /** Launches are held because GitHub refuses the image's runner; absent: they are not. */
  held?: HeldLaunches;
  queue: QueueView | Unknown;
  deadLetters: QueueView | Unknown;
}

/** Why launches are held, and what is done about it. */
export interface HeldLaunches {
  imageVersion: string;
  /** Version of the Actions runner, where it is known. */
  runner?: string;
  /** A build that is under way. */
  build?: { imageVersion?: string; since: Date };
  /** Whether the image is built again by itself. */
  builds: boolean;
}

/** `over` and `running`: as it should be; `attention`: a person is needed. */
export type JobOutcome = "over" | "running" | "waiting" | "attention" | "unknown";

export interface Conclusion {
  outcome: JobOutcome;
  text: string;
  next: string;
}

/** The exit code of `where`; 2 is for what could not be asked at all. */
export const EXIT_CODES: Readonly<Record<JobOutcome, number>> = {
  over: 0,
  running: 0,
  attention: 1,
  waiting: 3,
  unknown: 3,
};
