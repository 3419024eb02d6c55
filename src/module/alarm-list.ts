import { METRICS, type Metric } from "../../contract/metrics.ts";
import { because, ref, times } from "../hcl/build.ts";
import type { Literal } from "../hcl/model.ts";

/** What an alarm looks at: a metric made from the log, one of AWS's own, or the errors and throttles of a function. */
export type Watched =
  | { readonly own: Metric; readonly statistic: "Maximum" | "Minimum" | "Sum" }
  /**
   * Counted in all of a period, with the errors of a function beside: nothing counts as 0, or older periods would count
   * again.
   */
  | { readonly own: Metric; readonly statistic?: undefined; readonly errorsOf?: "refresh" }
  | { readonly queue: "jobs" | "deadLetters"; readonly metric: string }
  | { readonly function: "redeliver" | "prune"; readonly metric: "Errors" }
  | { readonly failures: "dispatcher" };

export interface AlarmSpec {
  /** Behind `name_prefix`, and the heading in docs/USAGE.md. */
  readonly name: string;
  readonly means: string;
  /** What whoever is woken does first. */
  readonly first: string;
  readonly watched: Watched;
  readonly threshold: Literal;
  readonly below?: true;
  /**
   * So many of so many periods are beyond the threshold. One of many: it goes off at the first, and ends only once what
   * it counts, which comes now and then while the cause lasts, has been away for all of them.
   */
  readonly datapoints: readonly [of: number, periods: number];
  /** 300 where nothing is said. */
  readonly periodSeconds?: Literal;
  readonly missing?: "missing" | "ignore";
}

const minutes = (count: Literal) => times(count, 60);
const HOUR = times(60, 60);
const WAITED_TOO_LONG = minutes(ref("var.alarm_wait_minutes"));
const NOT_SERVED = "A wait of less is the moment's fault: GitHub and AWS are away for minutes again and again.";
const DAYS_LEFT = 21;
const maximum = (own: Metric) => ({ own, statistic: "Maximum" }) as const;
const sum = (own: Metric) => ({ own, statistic: "Sum" }) as const;

/** Every alarm, one for each cause. */
export const ALARMS: readonly AlarmSpec[] = [
  {
    name: "denied",
    means: "GitHub or AWS refuse what jobs need: the App's key, its installation, or a permission",
    first: "run gha-microvm doctor: it names what is refused",
    watched: maximum(METRICS.waitingDenied),
    threshold: because(minutes(10), "A refusal of the App itself counts as more at once."),
    datapoints: [2, 3],
  },
  {
    name: "deliveries-failing",
    means: "GitHub's deliveries do not reach the webhook function, so jobs are not known of",
    first: "look at the status of the latest deliveries in the webhook's settings on GitHub, or run gha-microvm doctor",
    watched: maximum(METRICS.undelivered),
    threshold: because(minutes(15), "By then GitHub was asked three times to send it again."),
    datapoints: [1, 3],
  },
  {
    name: "no-room",
    means: "Jobs wait because AWS starts no more MicroVMs: a quota or the Region's capacity is used up",
    first: "run gha-microvm doctor for the account's quotas; message.waiting in the dispatcher's log names the reason",
    watched: maximum(METRICS.waitingNoRoom),
    threshold: WAITED_TOO_LONG,
    datapoints: [2, 3],
  },
  {
    name: "image-unusable",
    means: "Jobs wait because no version of the runner image can be launched",
    first: "run gha-microvm doctor: it shows the last build; pin image_version to one that worked",
    watched: maximum(METRICS.waitingImage),
    threshold: WAITED_TOO_LONG,
    datapoints: [2, 3],
  },
  {
    name: "unavailable",
    means: "Jobs wait because GitHub or AWS do not answer, or because of a defect",
    first: "look for message.waiting in the dispatcher's log: its error names who does not answer",
    watched: maximum(METRICS.waitingUnavailable),
    threshold: because(minutes(15), NOT_SERVED),
    datapoints: [2, 3],
  },
  {
    name: "github-budget",
    means: "Jobs wait because GitHub's rate limit of the App is used up",
    first: "see whether another program uses the same App; each job takes some five calls of the App's own limit",
    watched: maximum(METRICS.waitingGitHubLimit),
    threshold: because(minutes(15), NOT_SERVED),
    datapoints: [1, 4],
  },
  {
    name: "dispatcher-failing",
    means: "The dispatcher function ends in errors or is not started",
    first: "look at the end of its log; throttles mean that the account's concurrency is used up by other functions",
    watched: { failures: "dispatcher" },
    threshold: 0,
    datapoints: [3, 3],
  },
  {
    name: "queue-stuck",
    means: "Nobody takes messages from the jobs queue",
    first: "see whether the dispatcher's event source mapping is enabled and whether the queue's key can be used",
    watched: { queue: "jobs", metric: "ApproximateAgeOfOldestMessage" },
    threshold: because(minutes(15), "Messages that wait are sent anew, so only those that nobody takes grow old."),
    datapoints: [3, 3],
  },
  {
    name: "launches-wasted",
    means: "MicroVMs are launched for a job one after the other and none comes to run it",
    first: "read the log of such a MicroVM: gha-microvm where JOB names it; most often it has no way to GitHub",
    watched: maximum(METRICS.wasted),
    threshold: because(2, "One MicroVM in ten may die, and nobody need know."),
    datapoints: [1, 24],
  },
  {
    name: "runner-refused",
    means: "GitHub refuses the runner of the image: jobs wait until the image is built with a newer one",
    first: "look at the log of the refresh function, which builds it; with a pin, set a newer runner_version",
    watched: sum(METRICS.runnerRefused),
    threshold: 0,
    datapoints: [1, 12],
  },
  {
    name: "runner-days-left",
    means: "In fewer than three weeks GitHub may stop giving jobs to the runner of the image",
    first: "look at the log of the refresh function for why the image is not built again",
    watched: { own: METRICS.runnerDaysLeft, statistic: "Minimum" },
    threshold: because(DAYS_LEFT, "Left to itself the image never has fewer than 26: a person must look."),
    below: true,
    datapoints: [1, 1],
    periodSeconds: HOUR,
    missing: "ignore",
  },
  {
    name: "image-refresh",
    means: "Building the runner image again failed, does not end, or rescued it from a refused runner",
    first: "look at the errors in the log of the refresh function: they say which, and what to do",
    // A function that runs out of time, or cannot start, says nothing itself: Lambda counts it.
    watched: { own: METRICS.imageRefreshErrors, errorsOf: "refresh" },
    threshold: 0,
    datapoints: [1, 24],
    periodSeconds: HOUR,
  },
  {
    name: "redeliver-failing",
    means: "Nobody looks at what GitHub could not deliver: the redeliver function fails or is not invoked",
    first:
      "look at its log: a webhook is gone or the App lacks the permission for webhooks; an empty log means its schedule",
    watched: { function: "redeliver", metric: "Errors" },
    threshold: 0,
    datapoints: [3, 3],
    missing: "missing",
  },
  {
    name: "jobs-cut-off",
    means: "Jobs run into the longest life of a MicroVM and are cancelled",
    first: "raise max_duration_seconds, which may be 28800, or split the jobs",
    watched: { own: METRICS.cutOff },
    threshold: because(2, "One or two jobs that hang are their owners' to mend."),
    datapoints: [1, 1],
    periodSeconds: HOUR,
  },
  {
    name: "jobs-exhausted",
    means: "Four MicroVMs in a row died for one job; the next ones follow at longer and longer intervals",
    first: "run gha-microvm where JOB: it says what became of them",
    watched: sum(METRICS.exhausted),
    threshold: 0,
    datapoints: [1, 12],
  },
  {
    name: "jobs-expiring",
    means: "A job has waited for half a day, and GitHub cancels it after a whole one",
    first: "run gha-microvm where JOB for the one that message.waiting in the dispatcher's log names",
    watched: maximum(METRICS.waiting),
    threshold: times(12, 60, 60),
    datapoints: [1, 12],
  },
  {
    name: "dead-letters",
    means: "Messages failed for a day and were given up: their MicroVMs may run to their longest life",
    first: "look for message.waiting in the dispatcher's log, mend its error, then start a redrive of the queue",
    watched: { queue: "deadLetters", metric: "ApproximateNumberOfMessagesVisible" },
    threshold: 0,
    datapoints: [1, 1],
  },
  {
    name: "prune-failed",
    means: "Old versions of the runner image stay and cost, and at 50 no new one can be built",
    first: "look at the log of the prune function: it says which version and why",
    watched: { function: "prune", metric: "Errors" },
    threshold: 0,
    datapoints: [1, 1],
    periodSeconds: times(24, 60, 60),
  },
];

/** What somebody reads who is woken: meaning, first step and where there is more. */
export function describe({ name, means, first }: AlarmSpec): string {
  return `${means}. First: ${first}. More: docs/USAGE.md, "${name}".`;
}
