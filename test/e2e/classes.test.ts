import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { urlOf } from "../cli/lab-jobs.ts";
import { documentedPolicy, READER, readerOf, runAgainst } from "../cli/reader.ts";
import { applyExample, expectDestroyed } from "./applied-example.ts";
import { type AppliedLab, LABELS, machinesOf, untilSettled } from "./applied-lab.ts";
import { combinations, readWorkflows, usesDocker, WORKFLOWS, type Workflow } from "./workflow-files.ts";

interface ClassOutput {
  runs_on: string[];
  memory_mib: number;
  image_arn: string;
  image_version: string;
  log_group: string;
  shared_image: boolean;
}

let lab: AppliedLab;
let classes: Record<string, ClassOutput>;
let connector: string;
let workflows: Record<string, Workflow>;
beforeAll(async () => {
  lab = await applyExample("classes", {
    guests: { docker: true },
    github: { repositories: ["my-org/shop", "my-org/site"] },
  });
  workflows = await readWorkflows();
  const outputs = await lab.terraform.outputs();
  classes = outputs.runner_classes?.value as Record<string, ClassOutput>;
  connector = String(outputs.connector_arn?.value);
});
afterAll(() => lab.stop());

/** Runs a job of a class and answers its MicroVM. */
async function run(name: string, repository = "my-org/shop") {
  const job = lab.queueJob({ repository, labels: classes[name]?.runs_on ?? [] });
  await untilSettled(lab, job);
  const [machine, ...more] = machinesOf(lab, job);
  expect(more).toEqual([]);
  return { job, machine };
}

describe("the example classes", () => {
  it("has an image for each class, of its memory and capabilities", () => {
    const images = new Map(lab.aws.microvms.images.all().map((image) => [image.arn, image.versions.at(-1)?.config]));
    expect(Object.keys(classes)).toEqual(["default", "large", "private"]);
    expect(images.size).toBe(3);
    const configOf = (name: string) => images.get(classes[name]?.image_arn ?? "");
    expect(configOf("default")).toMatchObject({ memoryMib: 2048, capabilities: ["ALL"] });
    expect(configOf("large")).toMatchObject({ memoryMib: 8192, capabilities: ["ALL"] });
    expect(configOf("private")).toMatchObject({ memoryMib: 2048, capabilities: [] });
    expect(Object.values(classes).map(({ image_version }) => image_version)).toEqual(["1.0", "1.0", "1.0"]);
    expect(Object.values(classes).map(({ shared_image }) => shared_image)).toEqual([false, false, false]);
  });

  it.each(["default", "large", "private"])(
    "gives a job with the labels of %s a MicroVM of that class",
    async (name) => {
      const { job, machine } = await run(name);
      expect(job.conclusion).toBe("success");
      expect(machine?.imageArn).toBe(classes[name]?.image_arn);
      expect(machine?.request.egress).toEqual(
        name === "private" ? [connector] : [expect.stringMatching(/:INTERNET_EGRESS$/)],
      );
    },
  );

  it("is told of by where and doctor, with the rights that USAGE names", async () => {
    const job = lab.queueJob({ labels: classes.large?.runs_on ?? [] });
    await untilSettled(lab, job);
    const readerFor = (command: "where" | "doctor") => readerOf(lab, documentedPolicy(command, { classes: true }));
    const seen = await runAgainst(lab, readerFor("where"), ["where", urlOf(lab, job), "--json"]);
    expect(JSON.parse(seen.text)).toMatchObject({ class: "large", exitCode: 0 });
    const found = await runAgainst(lab, readerFor("doctor"), ["doctor", "--json"]);
    const { findings } = JSON.parse(found.text) as { findings: { check: string; outcome: string }[] };
    const outcomes = new Map(findings.map(({ check, outcome }) => [check, outcome]));
    for (const name of ["", ".large", ".private"])
      for (const check of ["aws.image", "aws.image-build", "aws.runner", "aws.quota-memory"])
        expect(outcomes.get(`${check}${name}`), `${check}${name}`).toBe("pass");
    lab.aws.iam.roles.delete(READER);
  });

  it("gives no runner to a repository that a class does not name", async () => {
    const before = lab.aws.microvms.machines().length;
    const foreign = lab.queueJob({ repository: "my-org/site", labels: classes.private?.runs_on ?? [] });
    await lab.github.deliveries.settled();
    lab.github.cancelJob(foreign.id);
    const { job } = await run("large", "my-org/site");
    expect(job.conclusion).toBe("success");
    expect(lab.aws.microvms.machines()).toHaveLength(before + 1);
  });

  it("has the images of all classes looked after", async () => {
    const imagesIn = (name: string, event: string) =>
      lab.aws.functions
        .output(name)
        .filter((line) => line.includes(`"event":"${event}"`))
        .map((line) => /runner-\w+/.exec(line)?.[0].replace(/^runner-[0-9a-f]{8}$/, "runner") ?? "runner");
    for (const [name, event] of [
      ["gha-microvm-prune", "prune.ended"],
      ["gha-microvm-refresh", "refresh.checked"],
    ] as const) {
      expect(await lab.aws.scheduler.fire(name)).toBe("invoked");
      expect(imagesIn(name, event).toSorted()).toEqual(["runner", "runner-large", "runner-private"]);
    }
    expect(await lab.aws.scheduler.fire("gha-microvm-redeliver")).toBe("invoked");
    const failures = ["prune", "refresh", "redeliver"].flatMap((name) =>
      lab.aws.functions.output(`gha-microvm-${name}`).filter((line) => line.includes('"level":"error"')),
    );
    expect(failures).toEqual([]);
  });

  it.each(WORKFLOWS)("runs the example workflows, each job in a MicroVM of its own: %s", async (name) => {
    const { jobs = {} } = workflows[name] ?? {};
    const queued = Object.entries(jobs).flatMap(([id, job]) =>
      Array.from({ length: combinations(job) }, (_, index) =>
        lab.queueJob({
          name: `${id} ${index}`,
          labels: job["runs-on"],
          dockerNeeded: usesDocker(job),
          durationMs: 100,
        }),
      ),
    );

    expect(queued).toHaveLength(["classes.yml", "matrix.yml"].includes(name) ? 3 : 1);
    for (const job of queued) {
      await untilSettled(lab, job);
      expect({ conclusion: job.conclusion, log: job.log }).toMatchObject({ conclusion: "success" });
      if (name !== "classes.yml") expect(job.labels).toEqual(LABELS);
    }
    const machines = lab.aws.microvms
      .machines()
      .filter((machine) => queued.some((job) => machinesOf(lab, job).includes(machine)));
    expect(machines).toHaveLength(queued.length);
  });

  it("leaves nothing behind", async () => {
    await expectDestroyed(lab);
  });
});
