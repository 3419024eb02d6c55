import { describe, expect, it } from "vitest";
import { outOfScope, type Scope } from "../../../dispatcher/core/scope.ts";

const organization: Scope = {
  owner: "acme",
  repositories: [],
  requiredLabels: ["self-hosted", "microvm"],
  runnerLabels: ["self-hosted", "linux", "arm64", "microvm"],
};
const job = { repository: "acme/shop", labels: ["self-hosted", "microvm"] };

describe("outOfScope", () => {
  it("serves every repository of the owner when none is named", () => {
    expect(outOfScope(organization, job)).toBeUndefined();
  });

  it("compares owners, repositories and labels without regard to case", () => {
    const scope = { ...organization, repositories: ["Shop"] };
    expect(outOfScope(scope, { repository: "ACME/shop", labels: ["Self-Hosted", "MICROVM"] })).toBeUndefined();
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
  ])("refuses the labels when %s", (_, labels) => {
    expect(outOfScope(organization, { ...job, labels })).toBe("labels");
  });
});
