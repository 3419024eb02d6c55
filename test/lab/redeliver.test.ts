import { afterAll, beforeAll, expect, it } from "vitest";
import { type Lab, startLab } from "../../lab/lab.ts";
import { leftoversOf } from "../../lab/simulate/timeline.ts";
import { eventually } from "../support/eventually.ts";

const SCHEDULE = "gha-microvm-redeliver";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ delaySpeed: 30 });
  await lab.terraform.init();
  await lab.terraform.apply();
});
afterAll(() => lab?.stop());

it("runs a job whose delivery was lost, and asks for nothing more", async () => {
  lab.github.deliveries.next("lose", { event: "workflow_job", action: "queued" });
  const labels = ["self-hosted", "linux", "arm64", "microvm"];
  const job = lab.github.queueJob({ repository: "my-org/shop", labels, durationMs: 500 });
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
