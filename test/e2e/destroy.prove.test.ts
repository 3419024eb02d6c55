import { TerminateMicrovmCommand } from "@aws-sdk/client-lambda-microvms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Job } from "../../lab/github/jobs.ts";
import { leftoversOf } from "../../lab/simulate/timeline.ts";
import { addRole } from "../lab/aws/support/apply.ts";
import { microvmsClient } from "../lab/aws/support/clients.ts";
import { eventually } from "../support/eventually.ts";
import { expectDestroyed } from "./applied-example.ts";
import { type AppliedLab, applyLab, machinesOf } from "./applied-lab.ts";

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

  it("is gone on with once the MicroVM is ended by hand, as the documentation says, and leaves nothing", async () => {
    lab.github.cancelJob(job.id);
    await eventually(() => expect(job.status).toBe("completed"));
    const [machine, ...more] = machinesOf(lab, job);
    expect(more).toEqual([]);
    expect(lab.aws.leftovers().microvms).toEqual([{ microvmId: machine?.id, state: "RUNNING" }]);

    await addRole(lab.aws, "person", [{ actions: ["lambda:TerminateMicrovm"], resources: ["*"] }]);
    await microvmsClient(lab.aws, "person").send(new TerminateMicrovmCommand({ microvmIdentifier: machine?.id }));
    lab.aws.iam.roles.delete("person");
    await eventually(() => expect(leftoversOf(lab)).toEqual([]));

    await expectDestroyed(lab);
  });
});
