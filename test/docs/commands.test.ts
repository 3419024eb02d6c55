import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import githubApi from "../../lab/github/api.json" with { type: "json" };
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { MODULE_DIR, type ParsedModule, parseModule } from "../module/parse-module.ts";
import { awsCliProblems } from "./aws-cli.ts";
import { fencedBlocks, markdownFiles, readProjectFile } from "./markdown.ts";
import { type ShellCommand, shellCommands } from "./shell-commands.ts";

const COMMANDS = ["aws", "cd", "echo", "gh", "git", "mkdir", "node", "npm", "npx", "terraform"];

/**
 * Every command of a document: of its shell blocks, and of its text where the first word and an argument make it one.
 */
function commandsOf(text: string): ShellCommand[] {
  const inline = [...text.matchAll(/`((?:aws|gh|npx|terraform) [^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...fencedBlocks(text, "sh"), ...inline].flatMap(shellCommands);
}

/** What runs a project's task or script in the suite; where nothing can, why. A test's file must name what it runs. */
const RUN_BY: Readonly<Record<string, { test: string; names: string } | string>> = {
  "npm ci": "comes before every test",
  "npm install": "changes the lock file, and asks the registry",
  "cd runners": { test: "test/cli/setup/browser.prove.test.ts", names: "startLines" },
  "echo module": { test: "test/cli/setup/browser.prove.test.ts", names: "startLines" },
  "mkdir runners": { test: "test/cli/setup/browser.prove.test.ts", names: "startLines" },
  "git status --porcelain": { test: "test/src/generate-module.test.ts", names: "generateModule" },
  "npx projen": { test: "test/docs/documents.test.ts", names: ".projen/tasks.json" },
  "npx projen bench": "its figures belong to the machine: run by hand",
  "node .terraform/modules/gha_runner/gha-microvm.cjs": { test: "test/cli/doctor.suite.ts", names: "bundleCli" },
  "npx projen build": "is this suite, after generate and check",
  "npx projen bundle-cli": { test: "test/cli/doctor.suite.ts", names: "bundleCli" },
  "npx projen check": "runs before the suite, in build",
  "npx projen conformance": "asks programs that this suite does not install; test/conformance/ holds how it judges",
  "npx projen doctor": { test: "test/cli/doctor.suite.ts", names: "doctor" },
  "npx projen format": "writes what check asks for",
  "npx projen generate": { test: "test/src/generate-module.test.ts", names: "generateModule" },
  "npx projen lab": { test: "test/lab/simulate/own-root/try-root.test.ts", names: "own-root/main.ts" },
  "npx projen mutate": "runs this suite's tests of dispatcher/core, hundreds of times",
  "npx projen pictures": { test: "test/src/docs/landing-page.test.ts", names: "drawArchitecture" },
  "npx projen providers": { test: "test/conformance/real-providers.prove.test.ts", names: "tryProviders" },
  "npx projen prove": "is the rest of this suite",
  "npx projen quick": "is check and the unit tests of this suite",
  "npx projen release-tree": { test: "test/src/release/make-release.test.ts", names: "makeRelease" },
  "npx projen retry": { test: "test/cli/retry.suite.ts", names: "retry" },
  "npx projen simulate": { test: "test/e2e/simulate.test.ts", names: "lab/simulate/simulate.ts" },
  "npx projen smoke": { test: "test/smoke/smoke.prove.test.ts", names: "smoke/main.ts" },
  "npx projen soak": "test/lab/world/schedules.prove.test.ts plays the same schedules, fewer of them",
  "npx projen test": "is this suite",
  "npx projen upgrade-packages": { test: "test/src/release/action-pins.test.ts", names: "upgrade-actions.ts" },
  "npx projen upgrade-runner": { test: "test/microvm/upgrade/upgrade-runner.test.ts", names: "upgrade/main.ts" },
  "npx projen upgrade-tools": "asks the registries of Python and Go for every version",
  "npx projen where": { test: "test/cli/where.suite.ts", names: "where" },
  "npx tsx": { test: "test/cli/where.suite.ts", names: "where" },
  "npx vitest run": "is a part of this suite",
};

let module: ParsedModule;
beforeAll(async () => {
  module = await parseModule(MODULE_DIR);
});

/** Commands of Terraform that the documents give. */
const SUBCOMMANDS = [
  ...[
    "apply",
    "destroy",
    "fmt",
    "force-unlock",
    "get",
    "import",
    "init",
    "output",
    "plan",
    "providers",
    "test",
    "untaint",
  ],
  "validate",
];

/** Terraform's commands run in test/module/examples.prove.test.ts; what they name of the module is compared with it. */
function terraformProblems(command: ShellCommand): string[] {
  const [subcommand = "", ...rest] = command.slice(1).filter((word) => !word.startsWith("-chdir="));
  if (!SUBCOMMANDS.includes(subcommand)) return [`no rule for terraform ${subcommand}`];
  const named = ["import", "untaint"].includes(subcommand)
    ? /^module\.gha_runner\.([\w.]+)/
    : /^-replace=module\.gha_runner\.([^[]+)(?:\[".+"\])?$/;
  const replaced = rest.flatMap((word) => named.exec(word)?.[1] ?? []);
  const outputs = subcommand === "output" ? rest.filter((word) => !word.startsWith("-")) : [];
  return [
    ...replaced.filter((address) => !(address in module.resources)).map((address) => `no resource ${address}`),
    ...outputs.filter((name) => !(name in module.outputs)).map((name) => `no output ${name}`),
  ];
}

/**
 * `gh attestation verify FILE --repo REPOSITORY` (GitHub CLI manual), or `gh api PATH --jq FILTER`: a path that GitHub
 * has, and a filter of fields that its description has.
 */
function ghProblems([, api, path = "", ...rest]: ShellCommand): string[] {
  if (api === "attestation" && path === "verify" && rest[1] === "--repo" && rest.length === 3) return [];
  if (api !== "api" || (rest.length > 0 && rest[0] !== "--jq")) return [`no rule for gh ${api} ${rest.join(" ")}`];
  const parts = path.split("/");
  const known = Object.entries(githubApi.paths).find(([pattern]) => {
    const wanted = pattern.split("/");
    return wanted.length === parts.length && wanted.every((part, index) => /^\{/.test(part) || part === parts[index]);
  });
  if (known === undefined) return [`GitHub has no path ${path}`];
  const described = JSON.stringify(githubApi);
  const fields = [...(rest[1] ?? "").matchAll(/\.([a-z_]+)/g)].map(([, field = ""]) => field);
  return fields.filter((field) => !described.includes(`"${field}":`)).map((field) => `no field ${field}`);
}

function projectProblems(command: ShellCommand): string[] {
  const text = command.join(" ");
  const rules = Object.keys(RUN_BY).filter((prefix) => `${text} `.startsWith(`${prefix} `));
  const [rule] = rules.toSorted((one, other) => other.length - one.length);
  const by = rule === undefined ? undefined : RUN_BY[rule];
  // A task has a row of its own: the one of bare `npx projen` is not for it.
  if (by === undefined || (rule === "npx projen" && command.length > 2)) return [`no rule for ${text}`];
  if (typeof by === "string") return [];
  if (!existsSync(join(PROJECT_ROOT, by.test))) return [`${by.test} does not exist`];
  return readProjectFile(by.test).includes(by.names) ? [] : [`${by.test} does not run ${by.names}`];
}

function problemsOf(command: ShellCommand): string[] {
  const [program = ""] = command;
  if (!COMMANDS.includes(program)) return [`no rule for ${program}`];
  if (program === "aws") return awsCliProblems(command);
  if (program === "gh") return ghProblems(command);
  return program === "terraform" ? terraformProblems(command) : projectProblems(command);
}

const documents = markdownFiles().filter(({ text }) => commandsOf(text).length > 0);

describe("the commands of the documents", () => {
  it("are found where they are known to be", () => {
    const paths = documents.map(({ path }) => path);

    expect(paths).toEqual(expect.arrayContaining(["CONTRIBUTING.md", "README.md", "docs/USAGE.md"]));
  });

  it.each(documents)("exist and take these options: $path", ({ text }) => {
    const wrong = commandsOf(text)
      .map((command) => ({ command: command.join(" "), problems: problemsOf(command) }))
      .filter(({ problems }) => problems.length > 0);

    expect(wrong).toEqual([]);
  });

  it.each([
    ["aws sqs get-queue-link --queue-name x", "no command aws sqs get-queue-link"],
    ["aws sqs get-queue-url --name x", "no option --name"],
    ["aws lambda-microvms get-microvm", "--microvm-identifier is missing"],
    ["aws logs tail --since 1h", "0 words without an option, not 1"],
    ["aws s3 rb x", "no command aws s3 rb"],
    ["gh api /orgs/my-org/webhooks --jq .id", "no path /orgs/my-org/webhooks"],
    ["gh api /orgs/my-org/hooks --jq .uuid_of_hook", "no field uuid_of_hook"],
    ["terraform apply -replace=module.gha_runner.random_id.other", "no resource random_id.other"],
    [
      "terraform import module.gha_runner.awscc_lambda_microvm_image.other[0] x",
      "no resource awscc_lambda_microvm_image",
    ],
    ["terraform output -raw webhook_url", "no output webhook_url"],
    ["npx projen deploy", "no rule for npx projen deploy"],
    ["X=$(aws sqs get-queue-link) ", "no command aws sqs get-queue-link"],
    ["curl https://example.com", "no rule for curl"],
  ])("would be told of: %s", (script, problem) => {
    expect(shellCommands(script.trim()).flatMap(problemsOf).join("; ")).toContain(problem);
  });
});
