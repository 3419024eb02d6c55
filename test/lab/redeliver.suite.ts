import { beforeAll, expect, it } from "vitest";
import { leftoversOf } from "../../lab/simulate/timeline.ts";
import type { AppliedLab } from "../e2e/applied-lab.ts";
import { deployment } from "../e2e/deployment.ts";
import { eventually } from "../support/eventually.ts";

const SCHEDULE = "gha-microvm-redeliver";

let lab: AppliedLab;
beforeAll(() => {
  lab = deployment();
});

it("runs a job whose delivery was lost, and asks for nothing more", async () => {
  lab.github.deliveries.next("lose", { event: "workflow_job", action: "queued" });
  const job = lab.queueJob({ durationMs: 500 });
  const redelivered = () => lab.github.deliveries.all().filter(({ redelivery }) => redelivery);

  expect(await lab.aws.scheduler.fire(SCHEDULE)).toBe("invoked");
  await eventually(() => expect(lab.github.job(job.id)?.conclusion).toBe("success"));
  await eventually(() => expect(leftoversOf(lab)).toEqual([]));
  await lab.aws.scheduler.fire(SCHEDULE);

  expect(redelivered().map(({ jobId, action }) => [jobId, action])).toEqual([[job.id, "queued"]]);
  expect(lab.aws.iam.decisions().filter(({ role, allowed }) => /redeliver|schedule/.test(role) && !allowed)).toEqual(
    [],
  );
  lab.github.assertFaithful();
});
