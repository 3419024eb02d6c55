import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stateOf } from "../../lab/aws/microvms/machine.ts";
import type { Job } from "../../lab/github/jobs.ts";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

const WITH = "";
const WITHOUT = "  additional_os_capabilities = []\n";

let lab: AppliedLab;
beforeAll(async () => {
  lab = await applyLab();
});
afterAll(() => lab?.stop());

/** Applies other capabilities; answers how that went. */
async function toggle(inputs: string) {
  await lab.terraform.write({ "capabilities_override.tf": `module "gha_runner" {\n${inputs}}\n` });
  return lab.terraform.run("apply", "-no-color", "-input=false", "-auto-approve");
}

async function running(): Promise<Job> {
  const job = lab.queueJob({ durationMs: 600_000 });
  await eventually(() => expect(job.status).toBe("in_progress"));
  return job;
}

const onlyMachine = (job: Job) => {
  const [machine, ...more] = machinesOf(lab, job);
  if (machine === undefined || more.length > 0) throw new Error("the job has not one MicroVM");
  return machine;
};

describe("capabilities that are changed while a job runs", { timeout: 600_000 }, () => {
  it.each([
    ["taken away", WITHOUT],
    ["given back", WITH],
  ])(
    "when they are %s, its MicroVM is watched and ended, and the image before goes with the next apply",
    async (_what, inputs) => {
      const job = await running();
      const before = onlyMachine(job);
      const applied = await toggle(inputs);
      expect(applied.exitCode).toBe(1);
      expect(applied.stderr).toMatch(/has running MicroVMs/);
      expect(stateOf(before)).toBe("RUNNING");
      expect(job.status).toBe("in_progress");

      const next = lab.queueJob();
      await eventually(() => expect(next.conclusion).toBe("success"));
      expect(onlyMachine(next).imageArn).not.toBe(before.imageArn);

      lab.github.cancelJob(job.id);
      await untilSettled(lab, job);
      expect(stateOf(before)).toBe("TERMINATED");

      const again = await toggle(inputs);
      expect(again, again.stderr).toMatchObject({ exitCode: 0 });
      expect((await lab.terraform.plan()).changes).toBe(false);
      expect(lab.aws.microvms.images.all().map(({ arn }) => arn)).toEqual([onlyMachine(next).imageArn]);
    },
  );
});
