import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Job } from "../../lab/github/jobs.ts";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab } from "./applied-lab.ts";

let lab: AppliedLab;
let job: Job;

beforeAll(async () => {
  lab = await applyLab();
  job = lab.queueJob({ durationMs: 600_000 });
  await eventually(() => expect(job.status).toBe("in_progress"));
});
afterAll(() => lab?.stop());

describe("a destroy while a job runs", { timeout: 600_000 }, () => {
  it("ends with an error that names the image, and leaves the job alone", async () => {
    const destroyed = await lab.terraform.run("destroy", "-no-color", "-input=false", "-auto-approve");

    expect(destroyed.exitCode).toBe(1);
    expect(destroyed.stderr).toMatch(/MicroVM image gha-microvm-runner-\w+ has running MicroVMs/);
    const left = (await lab.terraform.resources()).filter(({ mode }) => mode === "managed");
    expect(left.map(({ type }) => type)).toContain("awscc_lambda_microvm_image");
    expect(left.map(({ type }) => type)).not.toContain("aws_lambda_function");
    expect(job.status).toBe("in_progress");
  });
});
