import { afterEach, describe, expect, it } from "vitest";
import { applyExample, expectDestroyed, runJob } from "./applied-example.ts";
import type { AppliedLab } from "./applied-lab.ts";

let lab: AppliedLab | undefined;
afterEach(() => lab?.stop());

describe("the example", () => {
  it("repositories serves the repositories that it names and no others", async () => {
    const applied = await applyExample("repositories", {
      github: { repositories: ["my-org/api", "my-org/web", "my-org/other"] },
    });
    lab = applied;
    const hooked = applied.github
      .hooks()
      .map(({ target }) => (target.kind === "repository" ? target.repository.name : target.kind));

    expect(hooked.sort()).toEqual(["api", "web"]);
    await runJob(applied, "my-org/web");
    await runJob(applied, "my-org/api");
    const calls = applied.aws.functions.output("gha-microvm-webhook").length;
    applied.queueJob({ repository: "my-org/other" });
    await applied.github.deliveries.settled();
    expect(applied.aws.functions.output("gha-microvm-webhook")).toHaveLength(calls);
    await expectDestroyed(applied);
  });
});
