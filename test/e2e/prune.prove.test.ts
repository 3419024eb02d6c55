import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab, machinesOf, untilSettled } from "./applied-lab.ts";

const SCHEDULE = "gha-microvm-prune";
const DAY_MS = 24 * 3_600_000;

/** Other setup commands make another build context, and so another version of the image. */
const withCommand = (command: string) => ({
  "prune_override.tf": `module "gha_runner" {
  image_versions_kept = 2
  setup_commands      = ["echo ${command}"]
}
`,
});

let lab: AppliedLab;
beforeAll(async () => {
  lab = await applyLab({ microvms: { deleteDelayMs: 2_000 }, files: withCommand("1") });
});
afterAll(() => lab?.stop());

function image() {
  const [only, ...others] = lab.aws.microvms.images.all();
  expect(others).toEqual([]);
  if (only === undefined) throw new Error("there is no image");
  return only;
}
const left = () => image().versions.map(({ version }) => version);
const logged = (event: string) =>
  lab.aws.functions.output(SCHEDULE).filter((line) => line.includes(`"event":"${event}"`)).length;

it("leaves what runs and the newest versions, loses no job, and makes no drift", async () => {
  const long = lab.queueJob({ durationMs: 600_000 });
  await eventually(() => expect(long.status).toBe("in_progress"));
  for (const command of ["2", "3", "4", "5"]) {
    await lab.terraform.write(withCommand(command));
    await lab.terraform.apply();
  }
  expect(left()).toEqual(["1.0", "2.0", "3.0", "4.0", "5.0"]);

  await lab.aws.scheduler.fire(SCHEDULE);
  expect(left()).toHaveLength(5);

  // Days later, each version a day after the one before.
  for (const [index, version] of image().versions.entries()) version.createdAt -= (5 - index) * DAY_MS;
  const pruning = lab.aws.scheduler.fire(SCHEDULE);
  await eventually(() => expect(image().state).toBe("UPDATING"));
  const meanwhile = lab.queueJob();
  expect(await pruning).toBe("invoked");
  await eventually(() => expect(left()).toEqual(["1.0", "4.0", "5.0"]));
  expect(long.status).toBe("in_progress");
  await eventually(() => expect(meanwhile.conclusion).toBe("success"));
  expect(machinesOf(lab, meanwhile).map(({ version }) => version.version)).toEqual(["5.0"]);

  lab.github.cancelJob(long.id);
  await untilSettled(lab, long);
  await lab.aws.scheduler.fire(SCHEDULE);
  await eventually(() => expect(left()).toEqual(["4.0", "5.0"]));

  expect(await lab.terraform.hasChanges()).toBe(false);
  expect(logged("prune.deleted")).toBe(3);
  expect(lab.aws.iam.decisions().filter(({ role, allowed }) => role.includes("-prune") && !allowed)).toEqual([]);
  lab.github.assertFaithful();
});
