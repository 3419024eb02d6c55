import { expect, it } from "vitest";
import { type ClassLabels, IMPLIED_LABELS, overlaps } from "../../contract/class-overlap.ts";
import { carries, chooseClass } from "../../dispatcher/core/scope.ts";

const LABELS = ["self-hosted", "linux", "microvm", "large"];
const subsets = (labels: readonly string[]) =>
  Array.from({ length: 2 ** labels.length }, (_, bits) => labels.filter((_, index) => (bits >> index) & 1));
/** All classes over these labels: required ones that are not none, and a runner that has them. */
const CLASSES = subsets(LABELS).flatMap((runner) =>
  subsets(runner)
    .filter((required) => required.length > 0)
    .map((required) => ({ requiredLabels: required, runnerLabels: runner })),
);
const asSets = (each: (typeof CLASSES)[number]): ClassLabels => ({
  required: new Set(each.requiredLabels),
  runner: new Set(each.runnerLabels),
});
const scopeOf = (classes: readonly (typeof CLASSES)[number][]) => ({
  owner: "acme",
  repositories: [],
  classes: classes.map((each, index) => ({ ...each, name: String(index), repositories: [] })),
});
const jobOf = (labels: readonly string[]) => ({ repository: "acme/shop", runId: 5, labels });

it("under the rule no job of one class fits a runner of another, and without it some does", () => {
  let refused = 0;
  let crossed = 0;
  const jobs = subsets([...LABELS, "microvm-run-5", "large-run-5"]);
  for (const a of CLASSES) {
    const ofA = jobs.flatMap((labels) => {
      const served = chooseClass(scopeOf([a]), jobOf(labels));
      return typeof served === "string" ? [] : [{ labels, runner: [...served.labels, ...IMPLIED_LABELS] }];
    });
    for (const b of CLASSES) {
      const crosses = jobs.some((labels) => {
        const served = typeof chooseClass(scopeOf([b]), jobOf(labels)) !== "string";
        return served && ofA.some(({ runner }) => carries(runner, labels));
      });
      if (overlaps(asSets(b), asSets(a))) refused++;
      else expect(crosses, JSON.stringify({ a, b })).toBe(false);
      if (crosses) crossed++;
    }
  }
  expect(crossed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThanOrEqual(crossed);
});

it("a run's runner fits no job of its class that is not of the run", () => {
  const plain = subsets(LABELS);
  for (const a of CLASSES) {
    for (const labels of subsets([...LABELS, "microvm-run-5", "large-run-5"])) {
      const served = chooseClass(scopeOf([a]), jobOf(labels));
      if (typeof served === "string" || served.labels === a.runnerLabels) continue;
      const runner = [...served.labels, ...IMPLIED_LABELS];
      const taken = plain.filter(
        (job) => typeof chooseClass(scopeOf([a]), jobOf(job)) !== "string" && carries(runner, job),
      );
      expect(taken, JSON.stringify({ a, labels })).toEqual([]);
    }
  }
});
