/** What the workflows of this repository are made of. */
import { github } from "projen";
import { pinned } from "./action-pins.ts";

export const ACTIONS = {
  checkout: pinned("actions/checkout"),
  setupNode: pinned("actions/setup-node"),
  uploadArtifact: pinned("actions/upload-artifact"),
  downloadArtifact: pinned("actions/download-artifact"),
  setupTerraform: pinned("hashicorp/setup-terraform"),
  attest: pinned("actions/attest-build-provenance"),
};

/** Tried by the tests; users may have any from 1.9. */
const TERRAFORM_VERSION = "1.11.4";

export const { READ, WRITE } = github.workflows.JobPermission;
export const RUNS_ON = ["ubuntu-latest"];

/** A workflow that may read the code; each of its jobs says what it needs. */
export function addWorkflow(
  hub: github.GitHub,
  name: string,
  options: github.GithubWorkflowOptions = {},
): github.GithubWorkflow {
  const workflow = new github.GithubWorkflow(hub, name, options);
  workflow.file?.addOverride("permissions", { contents: READ });
  return workflow;
}

export const BUILD_AND_TEST: readonly github.workflows.JobStep[] = [
  { name: "Build and test", run: "npx projen build" },
  { name: "Fail when the build changed files", run: "git add --intent-to-add . && git diff --stat --exit-code" },
  { name: "Run the tests that are long by nature", run: "npx projen prove" },
];

export function prepare(
  nodeVersion: string,
  checkoutOptions: Record<string, unknown> = {},
): github.workflows.JobStep[] {
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

export function checkout(options: Record<string, unknown> = {}): github.workflows.JobStep {
  return { name: "Check out", uses: ACTIONS.checkout, with: { "persist-credentials": false, ...options } };
}

export function setupNode(version: string): github.workflows.JobStep {
  return { name: "Set up Node.js", uses: ACTIONS.setupNode, with: { "node-version": version } };
}
