import { chmodSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Component, type github } from "projen";
import { writePins } from "./action-pins.ts";
import { addProviders } from "./providers-workflow.ts";
import { addRelease } from "./release-workflow.ts";
import { addUpgrade } from "./upgrade-workflow.ts";
import { addWorkflow, BUILD_AND_TEST, checkout, prepare, READ, RUNS_ON, setupNode } from "./workflow-parts.ts";

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
