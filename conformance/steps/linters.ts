import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { type Finding, judgeFindings } from "../accepted-findings.ts";
import { renderDockerfiles } from "../render-dockerfiles.ts";
import { mustRun, runProgram } from "../run-program.ts";
import type { Outcome, Step } from "../step.ts";

/** By the status that a linter uses for findings; any other but 0 says that it did not work. */
async function findingsOf(
  program: string,
  args: readonly string[],
  found: readonly number[],
  options = {},
): Promise<string> {
  const { status, stdout, stderr } = await runProgram(program, args, { cwd: PROJECT_ROOT, ...options });
  if (status !== 0 && !found.includes(status ?? -1))
    throw new Error(`${program} ended in ${status}: ${stderr || stdout}`);
  return stdout;
}

const WORKFLOWS = [".github/workflows", "examples/workflows"];

interface ZizmorFinding {
  ident: string;
  desc: string;
  locations: { symbolic: { key: { Local?: { given_path: string } } } }[];
}

async function askZizmor(program: string, inputs: readonly string[]): Promise<Finding[]> {
  const args = ["--offline", "--no-progress", "--no-config", "--strict-collection", "--format", "json", ...inputs];
  // 11 to 14 say how grave the gravest finding is.
  const found: ZizmorFinding[] = JSON.parse(await findingsOf(program, args, [11, 12, 13, 14]));
  return found.map(({ ident, desc, locations }): Finding => {
    const file = locations[0]?.symbolic.key.Local?.given_path ?? "unknown";
    return { tool: "zizmor", rule: ident, file, message: desc };
  });
}

/** Gives a copy of a workflow whose actions are named by their tags. */
async function withoutPin<Answer>(use: (file: string) => Promise<Answer>): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-zizmor-"));
  try {
    const text = await readFile(join(PROJECT_ROOT, "examples/workflows/hello.yml"), "utf8");
    await writeFile(join(folder, "hello.yml"), text.replace(/@[0-9a-f]{40} # (v\d+).*$/gm, "@$1"));
    return await use(join(folder, "hello.yml"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const zizmor: Step = {
  name: "zizmor",
  shows: "zizmor finds nothing in the workflows here and in those that users copy",
  tools: ["zizmor"],
  async run({ tool }): Promise<Outcome> {
    const program = join(tool("zizmor").folder, "zizmor");
    const findings = await askZizmor(program, WORKFLOWS);
    // A check that finds nothing must find what is wrong: an action without its pin.
    const wrong = await withoutPin((file) => askZizmor(program, [file]));
    const files = await Promise.all(WORKFLOWS.map((folder) => readdir(join(PROJECT_ROOT, folder))));
    return {
      shown: [`${files.flat().length} workflows, ${findings.length} findings`],
      findings: [
        ...judgeFindings("zizmor", findings),
        ...(wrong.some(({ rule }) => rule === "unpinned-uses") ? [] : ["zizmor does not miss an action's pin"]),
      ],
    };
  },
};

export const hadolint: Step = {
  name: "hadolint",
  shows: "hadolint finds nothing without a reason in the Dockerfile, with and without each customisation",
  tools: ["terraform", "hadolint"],
  async run({ tool }): Promise<Outcome> {
    const dockerfiles = await renderDockerfiles();
    const findings: Finding[] = [];
    for (const [file, text] of Object.entries(dockerfiles)) {
      const args = ["--no-color", "--no-fail", "--format", "json", "-"];
      const stdout = await findingsOf(join(tool("hadolint").folder, "hadolint"), args, [], { stdin: text });
      const found: { code: string; line: number; message: string }[] = JSON.parse(stdout);
      for (const { code, line, message } of found) {
        findings.push({ tool: "hadolint", rule: code, file, message: `line ${line}: ${message}` });
      }
    }
    return {
      shown: [`${Object.keys(dockerfiles).length} Dockerfiles, ${findings.length} findings, each with its reason`],
      findings: judgeFindings("hadolint", findings),
    };
  },
};

export const shellcheck: Step = {
  name: "shellcheck",
  shows: "shellcheck finds nothing without a reason in the scripts",
  tools: ["shellcheck"],
  async run({ tool }): Promise<Outcome> {
    const files = (await mustRun("git", ["ls-files"], { cwd: PROJECT_ROOT })).trim().split("\n");
    const scripts = files.filter(isShell);
    const args = ["--format", "json", ...scripts];
    const found: { file: string; line: number; code: number; message: string }[] = JSON.parse(
      await findingsOf(join(tool("shellcheck").folder, "shellcheck"), args, [1]),
    );
    const findings = found.map(
      ({ file, line, code, message }): Finding => ({
        tool: "shellcheck",
        rule: `SC${code}`,
        file,
        message: `line ${line}: ${message}`,
      }),
    );
    return {
      shown: [`${scripts.length} scripts, ${found.length} findings`],
      findings: judgeFindings("shellcheck", findings),
    };
  },
};

function isShell(file: string): boolean {
  if (file.endsWith(".sh")) return true;
  if (/\.\w+$/.test(file)) return false;
  return /^#!.*\b(ba|da)?sh$/m.test(readFileSync(join(PROJECT_ROOT, file), "latin1").split("\n", 1)[0] ?? "");
}

/** All rules of its Terraform set. */
const RULES = join(PROJECT_ROOT, "conformance/tflint.hcl");

export const tflint: Step = {
  name: "tflint",
  shows: "tflint, with all rules of its Terraform set, finds nothing without a reason in module and examples",
  tools: ["tflint"],
  async run({ tool }): Promise<Outcome> {
    const examples = await readdir(join(PROJECT_ROOT, "examples"));
    const folders = ["module", ...examples.filter((name) => name !== "workflows").map((name) => `examples/${name}`)];
    const findings: Finding[] = [];
    for (const folder of folders) {
      const args = ["--config", RULES, "--chdir", folder, "--format", "json", "--call-module-type", "none"];
      const stdout = await findingsOf(join(tool("tflint").folder, "tflint"), args, [2]);
      const found: { issues: { rule: { name: string }; message: string }[]; errors: { message: string }[] } =
        JSON.parse(stdout);
      for (const { message } of found.errors) throw new Error(`tflint could not read ${folder}: ${message}`);
      for (const { rule, message } of found.issues)
        findings.push({ tool: "tflint", rule: rule.name, file: folder, message });
    }
    return {
      shown: [`${folders.length} folders, ${findings.length} findings, each with its reason`],
      findings: judgeFindings("tflint", findings),
    };
  },
};
