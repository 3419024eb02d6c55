// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub Actions and of the shell
import type { github } from "projen";
import tools from "../../conformance/tools.json" with { type: "json" };
import { ACTIONS, addWorkflow, checkout, READ, RUNS_ON, setupNode } from "./workflow-parts.ts";

/**
 * The oldest that the module takes, the newest, and OpenTofu, which is built from its sources: no action installs it
 * here.
 */
const TOOLS = [
  { tool: "terraform", version: "~1.9.0" },
  { tool: "terraform", version: "latest" },
  { tool: "tofu", version: tools.path.tofu.version },
];

export function addProviders(hub: github.GitHub, nodeVersion: string): void {
  const workflow = addWorkflow(hub, "providers");
  workflow.on({ schedule: [{ cron: "17 3 * * *" }], workflowDispatch: {} });
  workflow.addJobs({ providers: tryProviders(nodeVersion) });
}

/** The module with the providers of the Registry, applied to nothing real. */
export function tryProviders(nodeVersion: string): github.workflows.Job {
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
