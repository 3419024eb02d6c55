import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Lab, startLab } from "../../lab/lab.ts";
import { leftoversOf } from "../../lab/simulate/timeline.ts";

const SCHEDULE = "gha-microvm-redeliver";
const WAIT = { timeout: 240_000, interval: 50 };

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
  await vi.waitFor(() => expect(lab.github.job(job.id)?.conclusion).toBe("success"), WAIT);
  await vi.waitFor(() => expect(leftoversOf(lab)).toEqual([]), WAIT);
  await lab.aws.scheduler.fire(SCHEDULE);

  expect(redelivered().map(({ jobId, action }) => [jobId, action])).toEqual([[job.id, "queued"]]);
  expect(lab.aws.iam.decisions().filter(({ role, allowed }) => /redeliver|schedule/.test(role) && !allowed)).toEqual(
    [],
  );
  lab.github.assertFaithful();
});
