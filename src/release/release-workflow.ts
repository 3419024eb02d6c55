// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub Actions and of the shell
import type { github } from "projen";
import { RELEASE_BRANCH } from "./commit-release.ts";
import { tryProviders } from "./providers-workflow.ts";
import { ACTIONS, addWorkflow, BUILD_AND_TEST, checkout, prepare, READ, RUNS_ON, WRITE } from "./workflow-parts.ts";

/** Published with each release, and attested. */
const ASSETS = ["dispatcher.zip", "gha-microvm.cjs", "image.zip", "sbom.cdx.json", "SHA256SUMS"].map(
  (name) => `dist/release/${name}`,
);

export function addRelease(hub: github.GitHub, nodeVersion: string): void {
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
