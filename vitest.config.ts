import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

const PROVE = "test/**/*.prove.test.ts";
/** Where tests serve whole accounts, run Terraform, start child processes or play for seconds. */
const HEAVY = [
  "test/cli/*.test.ts",
  "test/cli/setup/*.test.ts",
  "test/docs/**/*.test.ts",
  "test/e2e/**/*.test.ts",
  "test/lab/**/*.test.ts",
  "test/microvm/**/{supervisor,adversity,docker,rehearsal,process-one,job-page,upgrade-runner}.test.ts",
  "test/module/**/*.test.ts",
  "test/security/**/*.test.ts",
  "test/src/release/make-release.test.ts",
];

/**
 * What coverage is asked of. Of child processes the supervisors of `test/microvm` count, and not what the lab runs from
 * a zip.
 */
const PRODUCT = ["cli/**/*.ts", "contract/**/*.ts", "dispatcher/**/*.ts", "microvm/**/*.ts", "src/**/*.ts"];

/**
 * Three tiers. `unit` is quick; `lab` is the rest of what every change has to pass; `prove` is long by nature. A file
 * joins `prove` by its name, `lab` by its folder, and else is of `unit`.
 */
export default defineConfig({
  test: {
    // Bounds that only a run which is stuck meets, also on a machine that has other things to do.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 240_000 } },
    restoreMocks: true,
    setupFiles: ["test/support/keep-coverage-from-children.ts"],
    // Files share a worker's modules: loading the lab anew for each took a tenth of the run.
    isolate: false,
    // One more than the two cores that the bounds are for, since a lab waits for its own clocks now and then.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: "custom",
      customProviderModule: "./.ci/coverage-provider.ts",
      autoAttachSubprocess: true,
      include: PRODUCT,
      exclude: ["src/bindings/**"],
      reporter: ["text-summary", "json-summary", "json"],
      reportOnFailure: true,
      // In per cent. What decides is covered whole: a branch that no test can reach is one to take out.
      thresholds: {
        lines: 92,
        branches: 92,
        "contract/**/*.ts": { lines: 100, branches: 100 },
        "dispatcher/core/**/*.ts": { lines: 100, branches: 100 },
        "src/hcl/**/*.ts": { lines: 100, branches: 100 },
      },
    },
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: [PROVE, ...HEAVY] },
      },
      { extends: true, test: { name: "lab", include: HEAVY, exclude: [PROVE] } },
      { extends: true, test: { name: "prove", include: [PROVE] } },
    ],
  },
});
