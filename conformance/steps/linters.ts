import { globSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { type Finding, judgeFindings } from "../accepted-findings.ts";
import { renderDockerfiles } from "../render-dockerfiles.ts";
import { mustRun, runProgram } from "../run-program.ts";
import type { Outcome, Step } from "../step.ts";
import { withFolder } from "../with-folder.ts";

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

interface ZizmorFinding {
  ident: string;
  desc: string;
  locations: { symbolic: { key: { Local?: { verbatim_path: string } } } }[];
}

/** Named one by one: of a folder, zizmor reads no workflow unless it is `.github/workflows`. */
async function askZizmor(program: string, files: readonly string[], cwd: string): Promise<Finding[]> {
  const args = ["--offline", "--no-progress", "--no-config", "--strict-collection", "--format", "json", ...files];
  // 11 to 14 say how grave the gravest finding is.
  const found: ZizmorFinding[] = JSON.parse(await findingsOf(program, args, [11, 12, 13, 14], { cwd }));
  return found.map(({ ident, desc, locations }): Finding => {
    const file = locations[0]?.symbolic.key.Local?.verbatim_path ?? "unknown";
    return { tool: "zizmor", rule: ident, file, message: desc };
  });
}

/** Gives a copy of a file in which something is wrong; an error if nothing was changed. */
function withFault<Answer>(
  file: string,
  change: (text: string) => string,
  use: (copy: string) => Promise<Answer>,
): Promise<Answer> {
  return withFolder("fault", async (folder) => {
    const text = await readFile(join(PROJECT_ROOT, file), "utf8");
    const changed = change(text);
    if (changed === text) throw new Error(`${file} has nothing to take away`);
    const copy = join(folder, basename(file));
    await writeFile(copy, changed);
    return use(copy);
  });
}

/** What is found in copies whose actions are named by their tags, and which files name any. */
function askWithoutPins(program: string, files: readonly string[]): Promise<{ found: Finding[]; pinned: string[] }> {
  return withFolder("zizmor", async (folder) => {
    const pinned: string[] = [];
    for (const file of files) {
      const text = await readFile(join(PROJECT_ROOT, file), "utf8");
      const changed = text.replace(/@[0-9a-f]{40} # (v\d+).*$/gm, "@$1");
      if (changed !== text) pinned.push(file);
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), changed);
    }
    return { found: await askZizmor(program, files, folder), pinned };
  });
}

export const zizmor: Step = {
  name: "zizmor",
  shows: "zizmor finds nothing in the workflows here and in those that users copy",
  tools: ["zizmor"],
  async run({ tool }): Promise<Outcome> {
    const program = join(tool("zizmor").folder, "zizmor");
    const files = globSync([".github/workflows/*.yml", "examples/workflows/*.yml"], { cwd: PROJECT_ROOT }).toSorted();
    const findings = await askZizmor(program, files, PROJECT_ROOT);
    const { found, pinned } = await askWithoutPins(program, files);
    return {
      shown: [`${files.length} workflows, ${findings.length} findings`],
      findings: judgeFindings("zizmor", findings),
      controls: [
        {
          fault: "each workflow without the pins of its actions",
          found: judgeFindings("zizmor", found),
          expected: pinned.map((file) => `${file}: unpinned-uses: `),
        },
      ],
    };
  },
};

async function askHadolint(program: string, dockerfiles: Readonly<Record<string, string>>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [file, text] of Object.entries(dockerfiles)) {
    const args = ["--no-color", "--no-fail", "--format", "json", "-"];
    const found: { code: string; line: number; message: string }[] = JSON.parse(
      await findingsOf(program, args, [], { stdin: text }),
    );
    for (const { code, line, message } of found) {
      findings.push({ tool: "hadolint", rule: code, file, message: `line ${line}: ${message}` });
    }
  }
  return findings;
}

export const hadolint: Step = {
  name: "hadolint",
  shows: "hadolint finds nothing without a reason in the Dockerfile, with and without each customisation",
  tools: ["terraform", "hadolint"],
  async run({ tool }): Promise<Outcome> {
    const program = join(tool("hadolint").folder, "hadolint");
    const dockerfiles = await renderDockerfiles();
    const findings = await askHadolint(program, dockerfiles);
    const untagged = Object.fromEntries(
      Object.entries(dockerfiles).map(([file, text]) => [file, text.replace(/^(FROM [^:\n]+):\S+/m, "$1")]),
    );
    return {
      shown: [`${Object.keys(dockerfiles).length} Dockerfiles, ${findings.length} findings, each with its reason`],
      findings: judgeFindings("hadolint", findings),
      controls: [
        {
          fault: "each Dockerfile without its base image's tag",
          found: judgeFindings("hadolint", await askHadolint(program, untagged)),
          expected: Object.keys(untagged).map((file) => `${file}: DL3006: `),
        },
      ],
    };
  },
};

async function askShellcheck(program: string, scripts: readonly string[]): Promise<Finding[]> {
  const found: { file: string; line: number; code: number; message: string }[] = JSON.parse(
    await findingsOf(program, ["--format", "json", ...scripts], [1]),
  );
  return found.map(
    ({ file, line, code, message }): Finding => ({
      tool: "shellcheck",
      rule: `SC${code}`,
      file,
      message: `line ${line}: ${message}`,
    }),
  );
}

export const shellcheck: Step = {
  name: "shellcheck",
  shows: "shellcheck finds nothing without a reason in the scripts",
  tools: ["shellcheck"],
  async run({ tool }): Promise<Outcome> {
    const program = join(tool("shellcheck").folder, "shellcheck");
    const files = (await mustRun("git", ["ls-files"], { cwd: PROJECT_ROOT })).trim().split("\n");
    const scripts = files.filter(isShell);
    const findings = await askShellcheck(program, scripts);
    const unquoted = (text: string) => text.replace(/"(\$\(dirname .*?\))/, '$1"');
    const wrong = await withFault(".ci/run", unquoted, (file) => askShellcheck(program, [file]));
    return {
      shown: [`${scripts.length} scripts, ${findings.length} findings`],
      findings: judgeFindings("shellcheck", findings),
      controls: [
        {
          fault: "a command substitution without its quotes",
          found: judgeFindings("shellcheck", wrong),
          expected: ["run: SC2046: "],
        },
      ],
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

async function askTflint(program: string, folder: string): Promise<Finding[]> {
  const args = ["--config", RULES, "--chdir", folder, "--format", "json", "--call-module-type", "none"];
  const answer: { issues: { rule: { name: string }; message: string }[]; errors: { message: string }[] } = JSON.parse(
    await findingsOf(program, args, [2]),
  );
  for (const { message } of answer.errors) throw new Error(`tflint could not read ${folder}: ${message}`);
  return answer.issues.map(
    ({ rule, message }): Finding => ({ tool: "tflint", rule: rule.name, file: folder, message }),
  );
}

export const tflint: Step = {
  name: "tflint",
  shows: "tflint, with all rules of its Terraform set, finds nothing without a reason in module and examples",
  tools: ["tflint"],
  async run({ tool }): Promise<Outcome> {
    const program = join(tool("tflint").folder, "tflint");
    const examples = await readdir(join(PROJECT_ROOT, "examples"));
    const folders = ["module", ...examples.filter((name) => name !== "workflows").map((name) => `examples/${name}`)];
    const findings: Finding[] = [];
    for (const folder of folders) findings.push(...(await askTflint(program, folder)));
    const undescribed = (text: string) => text.replace(/^ +description +=.*\n/m, "");
    const wrong = await withFault("module/outputs.tf", undescribed, (file) => askTflint(program, dirname(file)));
    return {
      shown: [`${folders.length} folders, ${findings.length} findings, each with its reason`],
      findings: judgeFindings("tflint", findings),
      controls: [
        {
          fault: "an output without its description",
          found: judgeFindings("tflint", wrong),
          expected: ["terraform_documented_outputs: "],
        },
      ],
    };
  },
};
