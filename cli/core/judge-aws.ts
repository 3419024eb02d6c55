import { type Finding, judge, type Known } from "./finding.ts";

export interface ImageView {
  state: string;
  latestActiveVersion?: string;
  latestFailedVersion?: string;
}

export interface BuildView {
  state: string;
  createdAt: Date;
  reason?: string;
}

export interface QueueView {
  name: string;
  visible: number;
  delayed: number;
  inFlight: number;
}

/** Whether there is a version of the image that RunMicrovm can launch; `pinned` is the one asked for, if any. */
export function judgeImage(image: Known<ImageView>, pinned: string): Finding {
  return judge("aws.image", "Image", image, ({ state, latestActiveVersion: active }) => {
    if (active === undefined) {
      return { fail: `state ${state}, no active version`, fix: "see the build below, mend its cause, terraform apply" };
    }
    if (!/^(CREATED|UPDATED)$/.test(state)) {
      return /ING$/.test(state)
        ? { skip: `state ${state}: jobs wait until that is over`, fix: "run doctor again in some minutes" }
        : { fail: `state ${state}`, fix: "see the build below, mend its cause, terraform apply" };
    }
    return { pass: `${state}, ${pinned === "" ? `latest active version ${active}` : `version ${pinned} pinned`}` };
  });
}

/** Whether the build of the newest version failed. */
export function judgeBuild(failed: Known<{ image: ImageView; builds: readonly BuildView[] }>): Finding {
  return judge("aws.image-build", "Image build", failed, ({ image, builds }) => {
    const { latestFailedVersion: version, latestActiveVersion: active } = image;
    if (version === undefined) return { pass: "no build has failed" };
    if (active !== undefined && Number.parseFloat(active) > Number.parseFloat(version)) {
      return { pass: `version ${version} failed, and ${active} after it was built` };
    }
    const reason = builds.find(({ state }) => state === "FAILED")?.reason ?? "the service gives no reason";
    return {
      fail: `the build of version ${version} failed: ${reason}`,
      fix:
        active === undefined
          ? "mend the cause (the log group below /aws/lambda-microvms/ has more), then " +
            "terraform apply -replace=module.gha_runner.random_id.image"
          : `mend the cause, then terraform apply; until then jobs run on version ${active}`,
    };
  });
}

/** Whether messages were given up. */
export function judgeDeadLetters(queue: Known<QueueView>, region: string): Finding {
  return judge("aws.dead-letters", "Dead letters", queue, (view) => {
    const count = messagesIn(view);
    if (count === 0) return { pass: "none" };
    const dispatcher = view.name.replace(/-dead-letters$/, "-dispatcher");
    return {
      fail: `${count} in ${view.name}: their jobs wait for a person`,
      fix:
        `look for message.waiting (aws logs tail /aws/lambda/${dispatcher} --since 24h --region ${region}), mend it, ` +
        "then send them back: docs/USAGE.md, A job stays queued, Dead letters",
    };
  });
}

/** Messages of a queue in any condition. */
export function messagesIn({ visible, delayed, inFlight }: QueueView): number {
  return visible + delayed + inFlight;
}

/** What the jobs queue holds; how old its messages are, CloudWatch alone tells. */
export function judgeJobsQueue(queue: Known<QueueView>): Finding {
  return judge("aws.jobs-queue", "Jobs queue", queue, ({ visible, delayed, inFlight }) => ({
    pass: `${visible} to be taken, ${inFlight} being handled, ${delayed} waiting for their moment`,
  }));
}

/** What this command cannot ask, with the command that can. */
export function unasked(queueName: string, region: string): Finding[] {
  return [
    {
      check: "aws.oldest-message",
      title: "Oldest message",
      outcome: "skip",
      text: "CloudWatch has its age, SQS does not; the alarm queue-stuck watches it",
      fix:
        `aws cloudwatch get-metric-statistics --namespace AWS/SQS --metric-name ApproximateAgeOfOldestMessage ` +
        `--dimensions Name=QueueName,Value=${queueName} --statistics Maximum --period 300 --region ${region} ` +
        "--start-time $(date -u -d -15min +%FT%TZ) --end-time $(date -u +%FT%TZ)",
    },
  ];
}
