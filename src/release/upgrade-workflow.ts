// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub Actions and of the shell
import type { github } from "projen";
import { ACTIONS, addWorkflow, checkout, prepare, READ, RUNS_ON, WRITE } from "./workflow-parts.ts";

export interface Upgrade {
  readonly name: string;
  /** Of the commit and of the pull request. */
  readonly title: string;
  readonly cron: string;
  readonly runs: readonly string[];
}

export function addUpgrade(hub: github.GitHub, nodeVersion: string, { name, title, cron, runs }: Upgrade): void {
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
