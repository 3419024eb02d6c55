import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy/index.js";
import { Construct } from "constructs";
import { because, call, conditional, equal, times } from "../hcl/build.ts";
import { explain } from "../synth/explain.ts";
import { asAny, asNumber, asString, asStringMap } from "../synth/hcl-token.ts";
import { input, local } from "./reference.ts";
import { denyPlainHttp } from "./tls-only.ts";

const days = (count: number) => times(count, 24, 60, 60);
const JOBS_RETENTION_SECONDS = because(
  days(4),
  "GitHub cancels a job that has been queued for 24 hours; a message must outlive that.",
);
const DEAD_LETTERS_RETENTION_SECONDS = because(days(14), "The longest that SQS keeps a message.");
/** Lambda's rule for the visibility timeout of an event source: six times the function's timeout. */
const VISIBILITY_FACTOR = 6;
/**
 * The dispatcher puts a failing message back for up to five minutes, half of it at random (dispatcher/core/backoff.ts):
 * half of the waits of so many receives is more than the 24 hours that GitHub keeps a job queued.
 */
const MAX_RECEIVE_COUNT = 600;

/** The queue between the two functions, and where messages end that failed again and again. */
export class Queue extends Construct {
  readonly jobs: SqsQueue;
  readonly deadLetters: SqsQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // The provider takes either of the two, and counts `false` as one.
    const encryption = {
      kmsMasterKeyId: input("kms_key_arn"),
      sqsManagedSseEnabled: asAny(conditional(equal(input("kms_key_arn"), null), true, null)),
    };
    this.deadLetters = new SqsQueue(this, "queue.dead_letters", {
      name: `${input("name_prefix")}-dead-letters`,
      messageRetentionSeconds: asNumber(DEAD_LETTERS_RETENTION_SECONDS),
      ...encryption,
      tags: asStringMap(local("tags")),
    });
    this.jobs = explain(
      new SqsQueue(this, "queue.jobs", {
        name: `${input("name_prefix")}-jobs`,
        messageRetentionSeconds: asNumber(JOBS_RETENTION_SECONDS),
        visibilityTimeoutSeconds: asNumber(times(input("dispatcher_timeout"), VISIBILITY_FACTOR)),
        ...encryption,
        redrivePolicy: asString(
          call("jsonencode", {
            deadLetterTargetArn: this.deadLetters.arn,
            maxReceiveCount: MAX_RECEIVE_COUNT,
          }),
        ),
        tags: asStringMap(local("tags")),
      }),
      [
        "Lambda asks for a visibility timeout of at least six times the function's timeout. The dispatcher puts a failing",
        "message back for up to five minutes, at least half of it: 600 receives outlive the 24 hours that GitHub keeps a job",
        "queued, and end before the queue forgets the message.",
      ].join("\n"),
    );
    for (const [name, queue] of Object.entries({ jobs: this.jobs, dead_letters: this.deadLetters })) {
      new SqsQueuePolicy(this, `policy.${name}`, {
        queueUrl: queue.url,
        policy: denyPlainHttp(this, `${name}_queue`, "sqs:*", [queue.arn]).json,
      });
    }
  }
}
