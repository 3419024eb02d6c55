import type { FunctionUrl } from "./function-url.ts";
import type { Parts } from "./parts.ts";
import { playRedelivery } from "./redelivery.ts";
import type { JobEvent } from "./services/memory-github.ts";

/** Delivers what happens to jobs, each event with the fate that it was given, and failed ones again when asked to. */
export function playWebhooks(parts: Parts, { deliver }: Pick<FunctionUrl, "deliver">): void {
  const { options, github, random, tally, time } = parts;
  const redelivery = playRedelivery(parts, deliver);
  let deliveries = 0;
  github.onEvent((event) => {
    // GitHub delivers `waiting` too; nobody is asked to do anything about it.
    const body = payloadOf(event, time.now());
    const guid = `delivery-${++deliveries}`;
    const note = (statusCode: number) => {
      if (statusCode < 200 || statusCode >= 300) tally.note("delivery lost");
      if (options.redelivers?.(event) !== false)
        redelivery.note(event.job.repository, guid, event.action, body, statusCode);
    };
    const fate = options.fateOfDelivery?.(event, random) ?? { kind: "arrives", afterSeconds: 1 };
    if (fate.kind === "lost") return note(0);
    const copies = fate.copies ?? 1;
    if (copies > 1) tally.note("delivery repeated");
    for (let copy = 0; copy < copies; copy++) {
      time.after(fate.afterSeconds * (1 + copy), () => {
        void deliver(body, guid).then(note);
      });
    }
  });
}

function payloadOf({ action, job }: JobEvent, now: Date): string {
  return JSON.stringify({
    action,
    workflow_job: {
      id: job.id,
      run_id: job.runId,
      labels: job.labels,
      runner_name: job.runnerName,
      conclusion: job.conclusion,
      workflow_name: job.repository === "acme/site" ? "deploy" : "build",
      started_at: job.startedAt?.toISOString() ?? null,
      completed_at: action === "completed" ? now.toISOString() : null,
    },
    repository: { full_name: job.repository, private: !job.isPublic },
  });
}
