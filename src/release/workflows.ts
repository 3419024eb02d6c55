// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub Actions and of the shell
import { chmodSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Component, github } from "projen";
import tools from "../../conformance/tools.json" with { type: "json" };
import { pinned, writePins } from "./action-pins.ts";
import { RELEASE_BRANCH } from "./commit-release.ts";

const ACTIONS = {
  checkout: pinned("actions/checkout"),
  setupNode: pinned("actions/setup-node"),
  uploadArtifact: pinned("actions/upload-artifact"),
  downloadArtifact: pinned("actions/download-artifact"),
  setupTerraform: pinned("hashicorp/setup-terraform"),
  attest: pinned("actions/attest-build-provenance"),
};

/** Published with each release, and attested. */
const ASSETS = ["dispatcher.zip", "gha-microvm.cjs", "image.zip", "sbom.cdx.json", "SHA256SUMS"].map(
  (name) => `dist/release/${name}`,
);

/** Tried by the tests; users may have any from 1.9. */
const TERRAFORM_VERSION = "1.11.4";

const { READ, WRITE } = github.workflows.JobPermission;
const RUNS_ON = ["ubuntu-latest"];

/**
 * The workflows of this repository. What npm packages run in never holds a right to write: results go on as an artifact to a
 * job that runs git and gh only.
 */
export function addWorkflows(hub: github.GitHub, nodeVersion: string): void {
  new NamedPins(hub.project);
  addBuild(hub, nodeVersion);
  addProviders(hub, nodeVersion);
  addRelease(hub, nodeVersion);
  addUpgrade(hub, nodeVersion, {
    name: "upgrade-packages",
    title: "build: upgrade the packages",
    cron: "17 4 * * 1",
    runs: ["npx projen upgrade-packages", "npx projen default", "npx projen generate"],
  });
  if (hub.project.tasks.tryFind("upgrade-runner") !== undefined) {
    addUpgrade(hub, nodeVersion, {
      name: "upgrade-runner",
      title: "feat(supervisor): upgrade the Actions runner",
      cron: "17 5 * * *",
      runs: ["npx projen upgrade-runner", "npx projen generate"],
    });
  }
}

/** A workflow that may read the code; each of its jobs says what it needs. */
function addWorkflow(
  hub: github.GitHub,
  name: string,
  options: github.GithubWorkflowOptions = {},
): github.GithubWorkflow {
  const workflow = new github.GithubWorkflow(hub, name, options);
  workflow.file?.addOverride("permissions", { contents: READ });
  return workflow;
}

/** YAML has no comments by which projen would print a pin's version. */
class NamedPins extends Component {
  override postSynthesize(): void {
    const folder = join(this.project.outdir, ".github/workflows");
    for (const name of globSync("*.yml", { cwd: folder })) {
      const file = join(folder, name);
      const text = readFileSync(file, "utf8");
      // projen leaves its files without the right to be written.
      chmodSync(file, 0o644);
      writeFileSync(file, writePins(text));
      chmodSync(file, 0o444);
    }
  }
}

function addBuild(hub: github.GitHub, nodeVersion: string): void {
  const workflow = addWorkflow(hub, "build");
  workflow.on({ pullRequest: {}, push: { branches: ["main"] }, workflowDispatch: {} });
  workflow.addJobs({
    build: {
      runsOn: RUNS_ON,
      timeoutMinutes: 60,
      permissions: { contents: READ },
      steps: [...prepare(nodeVersion), ...BUILD_AND_TEST],
    },
    audit: {
      runsOn: RUNS_ON,
      timeoutMinutes: 10,
      permissions: { contents: READ },
      steps: [
        checkout(),
        setupNode(nodeVersion),
        { name: "Look for known vulnerabilities", run: "npm audit --omit=dev" },
      ],
    },
  });
}

/** The oldest that the module takes, the newest, and OpenTofu, which is built from its sources: no action installs it here. */
const TOOLS = [
  { tool: "terraform", version: "~1.9.0" },
  { tool: "terraform", version: "latest" },
  { tool: "tofu", version: tools.path.tofu.version },
];

function addProviders(hub: github.GitHub, nodeVersion: string): void {
  const workflow = addWorkflow(hub, "providers");
  workflow.on({ schedule: [{ cron: "17 3 * * *" }], workflowDispatch: {} });
  workflow.addJobs({ providers: tryProviders(nodeVersion) });
}

/** The module with the providers of the Registry, applied to nothing real. */
function tryProviders(nodeVersion: string): github.workflows.Job {
  return {
    runsOn: RUNS_ON,
    timeoutMinutes: 90,
    permissions: { contents: READ },
    strategy: { failFast: false, matrix: { include: TOOLS } },
    steps: [
      checkout(),
      setupNode(nodeVersion),
      {
        name: "Set up Terraform",
        if: "matrix.tool == 'terraform'",
        uses: ACTIONS.setupTerraform,
        with: { terraform_version: "${{ matrix.version }}", terraform_wrapper: false },
      },
      {
        name: "Build OpenTofu",
        if: "matrix.tool == 'tofu'",
        env: { VERSION: "${{ matrix.version }}" },
        run: [
          'git clone --quiet --depth 1 --branch "v$VERSION" https://github.com/opentofu/opentofu "$RUNNER_TEMP/opentofu"',
          'go build -C "$RUNNER_TEMP/opentofu" -o "$RUNNER_TEMP/tofu" ./cmd/tofu',
        ].join("\n"),
      },
      { name: "Install packages", run: "npm ci" },
      {
        name: "Try the providers",
        env: { TOOL: "${{ matrix.tool == 'tofu' && format('{0}/tofu', runner.temp) || 'terraform' }}" },
        run: 'npx projen providers -- --tool "$TOOL" --apply',
      },
    ],
  };
}

function addRelease(hub: github.GitHub, nodeVersion: string): void {
  const workflow = addWorkflow(hub, "release", { limitConcurrency: true });
  workflow.on({
    workflowDispatch: {
      inputs: { version: { description: "MAJOR.MINOR.PATCH; empty: what the commits ask for", type: "string" } },
    },
  });
  workflow.addJobs({
    providers: tryProviders(nodeVersion),
    make: {
      needs: ["providers"],
      runsOn: RUNS_ON,
      timeoutMinutes: 60,
      permissions: { contents: READ },
      outputs: { made: { stepId: "make", outputName: "made" } },
      steps: [
        ...prepare(nodeVersion, { "fetch-depth": 0 }),
        ...BUILD_AND_TEST,
        {
          id: "make",
          name: "Make the release",
          env: { VERSION: "${{ inputs.version }}" },
          run: [
            'npx projen release-tree -- --dry-run "$RUNNER_TEMP/clone" ${VERSION:+--version "$VERSION"}',
            "if [ -f dist/release/SHA256SUMS ]; then",
            `  git -C "$RUNNER_TEMP/clone" bundle create "$PWD/dist/release.bundle" ${RELEASE_BRANCH} --tags`,
            '  echo "made=true" >> "$GITHUB_OUTPUT"',
            "fi",
          ].join("\n"),
        },
        {
          if: "steps.make.outputs.made == 'true'",
          uses: ACTIONS.uploadArtifact,
          with: { name: "release", path: "dist/release*", "if-no-files-found": "error" },
        },
      ],
    },
    publish: {
      needs: ["make"],
      if: "needs.make.outputs.made == 'true' && github.ref == 'refs/heads/main'",
      runsOn: RUNS_ON,
      timeoutMinutes: 10,
      permissions: { contents: WRITE, idToken: WRITE, attestations: WRITE },
      steps: [
        checkout(),
        { uses: ACTIONS.downloadArtifact, with: { name: "release", path: "dist" } },
        {
          uses: ACTIONS.attest,
          with: {
            "subject-path": ASSETS.join("\n"),
          },
        },
        {
          name: "Publish",
          env: { GH_TOKEN: "${{ github.token }}" },
          run: [
            `git fetch dist/release.bundle ${RELEASE_BRANCH}:${RELEASE_BRANCH} 'refs/tags/v*:refs/tags/v*'`,
            `tag=$(git tag --points-at ${RELEASE_BRANCH})`,
            "gh auth setup-git",
            `git push --atomic origin ${RELEASE_BRANCH} "refs/tags/$tag"`,
            `gh release create "$tag" --verify-tag --title "$tag" --notes-file dist/release/notes.md ${ASSETS.join(" ")}`,
          ].join("\n"),
        },
      ],
    },
  });
}

interface Upgrade {
  readonly name: string;
  /** Of the commit and of the pull request. */
  readonly title: string;
  readonly cron: string;
  readonly runs: readonly string[];
}

function addUpgrade(hub: github.GitHub, nodeVersion: string, { name, title, cron, runs }: Upgrade): void {
  const workflow = addWorkflow(hub, name, { limitConcurrency: true });
  workflow.on({ schedule: [{ cron }], workflowDispatch: {} });
  workflow.addJobs({
    upgrade: {
      runsOn: RUNS_ON,
      timeoutMinutes: 30,
      permissions: { contents: READ },
      outputs: { changed: { stepId: "patch", outputName: "changed" } },
      steps: [
        ...prepare(nodeVersion),
        ...runs.map((run) => ({ run })),
        {
          id: "patch",
          name: "Keep what changed",
          run: [
            "git add --all",
            'git diff --cached --binary > "$RUNNER_TEMP/upgrade.patch"',
            'if [ -s "$RUNNER_TEMP/upgrade.patch" ]; then echo "changed=true" >> "$GITHUB_OUTPUT"; fi',
          ].join("\n"),
        },
        {
          if: "steps.patch.outputs.changed == 'true'",
          uses: ACTIONS.uploadArtifact,
          with: { name: "upgrade", path: "${{ runner.temp }}/upgrade.patch" },
        },
      ],
    },
    propose: {
      needs: ["upgrade"],
      if: "needs.upgrade.outputs.changed == 'true'",
      runsOn: RUNS_ON,
      timeoutMinutes: 10,
      permissions: { contents: WRITE, pullRequests: WRITE, actions: WRITE },
      steps: [
        checkout(),
        { uses: ACTIONS.downloadArtifact, with: { name: "upgrade", path: "${{ runner.temp }}" } },
        {
          name: "Open a pull request",
          env: { GH_TOKEN: "${{ github.token }}", BRANCH: name, TITLE: title },
          run: [
            'git apply --index "$RUNNER_TEMP/upgrade.patch"',
            'git switch --create "$BRANCH"',
            "git config user.name 'github-actions[bot]'",
            "git config user.email 'github-actions[bot]@users.noreply.github.com'",
            'git commit --quiet --message "$TITLE"',
            "gh auth setup-git",
            'git push --force origin "$BRANCH"',
            'gh pr view "$BRANCH" --json state --jq .state | grep -q OPEN || gh pr create --head "$BRANCH" --title "$TITLE" --body ""',
            "# Pull requests that are opened with this token start no workflow by themselves.",
            'gh workflow run build.yml --ref "$BRANCH"',
          ].join("\n"),
        },
      ],
    },
  });
}

const BUILD_AND_TEST: readonly github.workflows.JobStep[] = [
  { name: "Build and test", run: "npx projen build" },
  { name: "Fail when the build changed files", run: "git add --intent-to-add . && git diff --stat --exit-code" },
  { name: "Run the tests that are long by nature", run: "npx projen prove" },
];

function prepare(nodeVersion: string, checkoutOptions: Record<string, unknown> = {}): github.workflows.JobStep[] {
  return [
    checkout(checkoutOptions),
    setupNode(nodeVersion),
    {
      name: "Set up Terraform",
      uses: ACTIONS.setupTerraform,
      with: { terraform_version: TERRAFORM_VERSION, terraform_wrapper: false },
    },
    { name: "Install packages", run: "npm ci" },
  ];
}

function checkout(options: Record<string, unknown> = {}): github.workflows.JobStep {
  return { name: "Check out", uses: ACTIONS.checkout, with: { "persist-credentials": false, ...options } };
}

function setupNode(version: string): github.workflows.JobStep {
  return { name: "Set up Node.js", uses: ACTIONS.setupNode, with: { "node-version": version } };
}
