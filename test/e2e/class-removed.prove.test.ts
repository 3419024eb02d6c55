import { afterAll, beforeAll, expect, it } from "vitest";
import { stateOf } from "../../lab/aws/microvms/machine.ts";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

const LARGE = ["self-hosted", "microvm-large"];
const classes = (text: string) => ({
  "classes_override.tf": `module "gha_runner" {\n  runner_classes = { ${text} }\n}\n`,
});
const SMALL = "small = { runner_memory_mib = 1024 }";

let lab: AppliedLab;
beforeAll(async () => {
  lab = await applyLab({ files: classes(`${SMALL}, large = { runner_memory_mib = 4096 }`) });
});
afterAll(() => lab?.stop());

async function apply(text: string) {
  await lab.terraform.write(classes(text));
  return lab.terraform.run("apply", "-no-color", "-input=false", "-auto-approve");
}

it("a class that is taken away while its job runs serves no other, and its job runs to its end", async () => {
  const running = lab.queueJob({ labels: LARGE, durationMs: 600_000 });
  await eventually(() => expect(running.status).toBe("in_progress"));
  const [machine] = machinesOf(lab, running);
  if (machine === undefined) throw new Error("the job has no MicroVM");

  const applied = await apply(SMALL);

  expect(applied.exitCode).toBe(1);
  expect(applied.stderr).toMatch(/has running MicroVMs/);
  expect(stateOf(machine)).toBe("RUNNING");
  const late = lab.queueJob({ labels: LARGE });
  const other = lab.queueJob({ labels: ["self-hosted", "microvm-small"] });
  await eventually(() => expect(other.conclusion).toBe("success"));
  expect(late.status).toBe("queued");
  expect(machinesOf(lab, late)).toEqual([]);
  expect(running.status).toBe("in_progress");

  lab.github.cancelJob(late.id);
  lab.github.cancelJob(running.id);
  await untilSettled(lab, running);
  expect(stateOf(machine)).toBe("TERMINATED");
  const again = await apply(SMALL);
  expect(again, again.stderr).toMatchObject({ exitCode: 0 });
  expect((await lab.terraform.plan()).changes).toBe(false);
  expect(lab.aws.microvms.images.all().some(({ arn }) => arn === machine.imageArn)).toBe(false);
});
