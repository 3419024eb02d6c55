import { describe, expect, it } from "vitest";
import { scopeOf } from "../../../dispatcher/core/runner-classes.ts";
import { carries, chooseClass, outOfScope, type Scope } from "../../../dispatcher/core/scope.ts";

const RUNNER = ["self-hosted", "linux", "arm64", "microvm"];
const byDefault = {
  name: "default",
  requiredLabels: ["self-hosted", "microvm"],
  runnerLabels: RUNNER,
  repositories: [],
};
const large = {
  name: "large",
  requiredLabels: ["self-hosted", "microvm-large"],
  runnerLabels: ["self-hosted", "linux", "arm64", "microvm-large"],
  repositories: ["site"],
};
const organization: Scope = { owner: "acme", repositories: [], classes: [byDefault, large] };
const job = { repository: "acme/shop", runId: 22, labels: ["self-hosted", "microvm"] };

describe("outOfScope", () => {
  it("serves every repository of the owner when none is named", () => {
    expect(outOfScope(organization, job)).toBeUndefined();
  });

  it("compares owners, repositories and labels without regard to case", () => {
    const scope = { ...organization, repositories: ["Shop"] };
    const shouting = { ...job, repository: "ACME/shop", labels: ["Self-Hosted", "MICROVM"] };
    expect(outOfScope(scope, shouting)).toBeUndefined();
  });

  it.each([
    ["another owner", { ...job, repository: "evil/shop" }],
    ["an owner that only begins alike", { ...job, repository: "acme-evil/shop" }],
    ["no owner", { ...job, repository: "shop" }],
    ["an empty name", { ...job, repository: "" }],
  ])("refuses %s", (_, other) => {
    expect(outOfScope(organization, other)).toBe("repository");
  });

  it("refuses a repository that is not named", () => {
    expect(outOfScope({ ...organization, repositories: ["site"] }, job)).toBe("repository");
  });

  it.each([
    ["a required label is missing", ["self-hosted"]],
    ["there are no labels", []],
    ["a label is asked for that the runner does not carry", ["self-hosted", "microvm", "gpu"]],
    ["they are of two classes", ["self-hosted", "microvm", "microvm-large"]],
  ])("refuses the labels when %s", (_, labels) => {
    expect(outOfScope(organization, { ...job, labels })).toBe("labels");
  });

  it("refuses a repository that the labels' class does not serve", () => {
    const labels = ["self-hosted", "Microvm-Large"];
    expect(outOfScope(organization, { ...job, labels })).toBe("class");
    expect(outOfScope(organization, { ...job, repository: "acme/SITE", labels })).toBeUndefined();
  });
});

describe("a job's runner registers", () => {
  it("with all labels of its class", () => {
    expect(chooseClass(organization, job)).toEqual({ class: byDefault, labels: RUNNER });
  });

  it.each([
    ["the run's label", ["self-hosted", "microvm-run-22"]],
    ["the run's label with more behind it", ["Self-Hosted", "MicroVM-run-22-3", "linux"]],
    ["other labels of the run too", ["microvm-run-22", "self-hosted", "linux-run-22"]],
  ])("with exactly the job's labels when it asks for %s", (_, labels) => {
    expect(chooseClass(organization, { ...job, labels })).toEqual({ class: byDefault, labels });
  });

  it.each([
    ["another run's", ["self-hosted", "microvm-run-2"]],
    ["another run's that begins alike", ["self-hosted", "microvm-run-221"]],
    ["another run's with this one's behind it", ["self-hosted", "microvm-run-9-run-22"]],
    ["for a label that no runner has", ["self-hosted", "microvm", "gpu-run-22"]],
    ["of nothing", ["self-hosted", "microvm", "-run-22"]],
    ["beside the plain one, by which others' jobs would fit", ["self-hosted", "microvm", "microvm-run-22"]],
    ["for a label that other jobs need not have", ["self-hosted", "microvm", "linux-run-22"]],
    ["for a label only that GitHub may add to each runner", ["self-hosted-run-22", "microvm"]],
  ])("not at all with a run's label that is %s", (_, labels) => {
    expect(outOfScope(organization, { ...job, labels })).toBe("labels");
  });
});

it("a runner carries the labels of a job whatever their case, and none that it lacks", () => {
  expect(carries(RUNNER, ["MICROVM"])).toBe(true);
  expect(carries(RUNNER, [])).toBe(true);
  expect(carries(["self-hosted", "microvm-run-22"], ["microvm"])).toBe(false);
});

it("the environment describes the class that is there by default", () => {
  const environment = {
    GH_OWNER: "acme",
    GH_REPOSITORIES: ["shop"],
    REQUIRED_LABELS: byDefault.requiredLabels,
    RUNNER_LABELS: RUNNER,
  };
  expect(scopeOf(environment, {})).toEqual({ owner: "acme", repositories: ["shop"], classes: [byDefault] });
});
