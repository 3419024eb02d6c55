import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue/index.js";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { call, raw } from "../hcl/build.ts";
import { explain } from "./module-stack.ts";
import { code, hcl, input, local } from "./reference.ts";

const DAY_SECONDS = 86_400;
/** GitHub cancels a job that has been queued for 24 hours; a message must outlive that. */
const JOBS_RETENTION_SECONDS = 4 * DAY_SECONDS;
/** The longest that SQS keeps a message. */
const DEAD_LETTERS_RETENTION_SECONDS = 14 * DAY_SECONDS;
/** Lambda's rule for the visibility timeout of an event source: six times the function's timeout. */
const VISIBILITY_FACTOR = 6;
const MAX_RECEIVE_COUNT = 5;

/** The queue between the two functions, and where messages end that failed again and again. */
export class Queue extends Construct {
  readonly jobs: SqsQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const deadLetters = new SqsQueue(this, "queue.dead_letters", {
      name: `${input("name_prefix")}-dead-letters`,
      messageRetentionSeconds: DEAD_LETTERS_RETENTION_SECONDS,
      sqsManagedSseEnabled: true,
      tags: Token.asStringMap(local("tags")),
    });
    this.jobs = explain(
      new SqsQueue(this, "queue.jobs", {
        name: `${input("name_prefix")}-jobs`,
        messageRetentionSeconds: JOBS_RETENTION_SECONDS,
        visibilityTimeoutSeconds: Token.asNumber(code(`var.dispatcher_timeout * ${VISIBILITY_FACTOR}`)),
        sqsManagedSseEnabled: true,
        redrivePolicy: hcl(
          call("jsonencode", {
            deadLetterTargetArn: raw(deadLetters.arn),
            maxReceiveCount: MAX_RECEIVE_COUNT,
          }),
        ),
        tags: Token.asStringMap(local("tags")),
      }),
      "Lambda asks for a visibility timeout of at least six times the function's timeout.",
    );
  }
}
