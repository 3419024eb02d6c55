import { defineConfig } from "vitest/config";

const PROVE = "test/**/*.prove.test.ts";
/** Where tests serve whole accounts, run Terraform, start child processes or play for seconds. */
const HEAVY = [
  "test/cli/*.test.ts",
  "test/docs/**/*.test.ts",
  "test/e2e/**/*.test.ts",
  "test/lab/**/*.test.ts",
  "test/microvm/**/{supervisor,adversity,docker,rehearsal,process-one,job-page,upgrade-runner}.test.ts",
  "test/module/**/*.test.ts",
  "test/security/**/*.test.ts",
  "test/src/release/make-release.test.ts",
];

/**
 * Three tiers. `unit` is pure enough for its files to share a worker's modules; `lab` is the rest of what every change has to
 * pass; `prove` is long by nature. A file joins `prove` by its name, `lab` by its folder, and else is of `unit`.
 */
export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 180_000,
    restoreMocks: true,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "unit", isolate: false, include: ["test/**/*.test.ts"], exclude: [PROVE, ...HEAVY] },
      },
      { extends: true, test: { name: "lab", include: HEAVY, exclude: [PROVE] } },
      { extends: true, test: { name: "prove", include: [PROVE] } },
    ],
  },
});
