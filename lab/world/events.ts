/** A kind of event that can befall a deployment, and where it is known from that it does. */
export interface EventFacts {
  what: string;
  source: string;
}

const SQS = "AWS, Amazon SQS standard queues: at-least-once delivery";
const LIMITS = "GitHub, rate limits for the REST API";
const RUNNERS = "GitHub, self-hosted runners reference";

/**
 * Everything that the world can let happen; the names stand in schedules, in `soak`'s count and in the legend of
 * detours.
 */
export const EVENTS = {
  "call failed": { what: "a call fails and nothing was done", source: "AWS, error retries; GitHub, 502 under load" },
  "answer lost": { what: "a call is carried out and its answer is lost", source: "AWS, error retries" },
  crash: { what: "a function ends in the middle", source: "AWS Lambda, execution environment lifecycle" },
  duplicate: { what: "a message is delivered twice", source: SQS },
  throttled: { what: "a call is throttled", source: "AWS, error retries" },
  "github limit": { what: "GitHub's rate limit is used up for minutes", source: LIMITS },
  "github slow": { what: "GitHub answers after 16 s", source: "GitHub, status history" },
  "launch limit": { what: "RunMicrovm is throttled for minutes", source: "AWS Lambda MicroVMs, quotas" },
  "quota used up": { what: "RunMicrovm meets the memory quota", source: "AWS Lambda MicroVMs, quotas" },
  "image updating": { what: "the image is being built", source: "AWS Lambda MicroVMs, image states" },
  "table down": { what: "DynamoDB does not answer", source: "AWS, post-event summaries: DynamoDB" },
  "delivery lost": { what: "a webhook delivery gets no 2xx", source: "GitHub, handling failed webhook deliveries" },
  "delivery repeated": { what: "a webhook delivery arrives twice", source: "GitHub, redelivering webhooks" },
  cancelled: { what: "a job is cancelled", source: "GitHub, cancelling a workflow run" },
  "boot death": { what: "a MicroVM dies before its runner is online", source: "AWS Lambda MicroVMs, run hook" },
  "job death": { what: "a MicroVM dies while its runner is online", source: "AWS Lambda MicroVMs, states" },
  "successor death": { what: "a MicroVM that replaces a dead one dies too", source: "AWS Lambda MicroVMs, states" },
  swap: { what: "GitHub gives a runner another job than its own", source: RUNNERS },
  held: {
    what: "a job waits for an approval or its concurrency group after it was queued",
    source: "GitHub, workflow_job webhook payload: waiting; CloudSnorkel and runs-on saw `queued` come first",
  },
  "nothing assigned": { what: "GitHub gives no job to idle runners", source: "GitHub, status history: Actions" },
  "repository refused": {
    what: "GitHub refuses one repository: 403, 404 or 422",
    source: "GitHub REST, create a JIT runner; create an installation access token",
  },
  "app suspended": { what: "the App is suspended for a while", source: "GitHub, suspending an App installation" },
  "app removed": { what: "a repository is gone for the App", source: "GitHub, reviewing installed Apps; transfers" },
  "key revoked": { what: "the App's key is not accepted", source: "GitHub, managing private keys" },
  "launch refused": { what: "RunMicrovm is denied", source: "AWS IAM, service control policies" },
  "job not found": { what: "GitHub answers 404 for a job that exists", source: "GitHub, status history: replicas" },
  "microvm not found": { what: "GetMicrovm knows nothing yet", source: "AWS Lambda MicroVMs, consistency" },
  "unknown state": { what: "GetMicrovm answers a state that is not known", source: "AWS, compatible API changes" },
  "job too long": { what: "a job reaches max_duration_seconds", source: "AWS Lambda MicroVMs, maximum duration" },
  "function throttled": {
    what: "the account's concurrency is used up: a function is not started",
    source: "AWS Lambda, quotas: new accounts have 10",
  },
  "message late": { what: "SQS shows a message minutes late", source: SQS },
  "record expired": { what: "DynamoDB drops a record by its TTL", source: "AWS, DynamoDB time to live" },
  "clock skew": {
    what: "clocks differ by seconds",
    source: "AWS Lambda sets clocks by NTP; a GitHub server of one's own",
  },
  "memory quota": {
    what: "the account has room for few MicroVMs",
    source: "AWS Lambda MicroVMs, quotas: new accounts",
  },
  "slow start": { what: "RunMicrovm allows one call a second", source: "AWS Lambda MicroVMs, quotas: new accounts" },
  fork: { what: "a fork's pull request to a public repository", source: "GitHub, security hardening for Actions" },
  "ssm down": { what: "the parameter store does not answer", source: "AWS, service health history" },
  "secret rotated": { what: "the webhook secret is replaced", source: "docs/USAGE.md, rotation" },
  "hook refused": {
    what: "one of several webhooks refuses to be listed",
    source: "GitHub, 403 Repository access blocked, 451",
  },
  "token forgotten": { what: "RunMicrovm has forgotten a client token", source: "not documented how long it is kept" },
  "queued for a day": { what: "GitHub cancels a job after 24 hours in the queue", source: RUNNERS },
} as const satisfies Readonly<Record<string, EventFacts>>;

export type EventKind = keyof typeof EVENTS;

/** Counts what really happened, which is not all that was planned. */
export class Tally {
  private readonly counts = new Map<EventKind, number>();

  note(kind: EventKind): void {
    this.counts.set(kind, this.of(kind) + 1);
  }

  of(kind: EventKind): number {
    return this.counts.get(kind) ?? 0;
  }

  kinds(): EventKind[] {
    return [...this.counts.keys()];
  }
}
