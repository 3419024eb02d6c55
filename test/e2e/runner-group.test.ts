import { afterAll, beforeAll, expect, it } from "vitest";
import type { Job } from "../../lab/github/jobs.ts";
import { type AppliedLab, applyLab, untilSettled } from "./applied-lab.ts";

const GROUP = { id: 7, name: "microvms" };

let lab: AppliedLab;
let jobs: Job[];
beforeAll(async () => {
  lab = await applyLab({
    files: { "group_override.tf": `module "gha_runner" {\n  runner_group_id = ${GROUP.id}\n}\n` },
    github: {
      repositories: ["my-org/shop", "my-org/site"],
      runnerGroups: [GROUP],
      // Nothing in repositories but what shows their jobs.
      app: { permissions: { actions: "read", organization_hooks: "write", organization_self_hosted_runners: "write" } },
    },
  });
  jobs = ["my-org/shop", "my-org/site"].map((repository) => lab.queueJob({ repository }));
});
afterAll(() => lab?.stop());

it("runs the jobs of two repositories on runners of the organization's group", async () => {
  for (const job of jobs) await untilSettled(lab, job);
  const [first, second] = jobs.map(({ id }) => lab.github.job(id));
  expect([first?.conclusion, second?.conclusion]).toEqual(["success", "success"]);
  expect([first?.runner?.groupName, second?.runner?.groupName]).toEqual([GROUP.name, GROUP.name]);
  const registered = lab.github.events.all().filter(({ kind }) => kind === "runner.registered");
  expect(registered.map(({ scope }) => scope)).toEqual(["my-org", "my-org"]);
});

it("does so with tokens that may do nothing else", () => {
  // The provider made its own while Terraform ran, with all that the App may do.
  const asked = lab.github.calls().filter(({ path }) => path.endsWith("/access_tokens")).length;
  const tokens = lab.github.tokens().slice(-asked);
  const ofDispatcher = tokens.filter(({ permissions }) => permissions.actions !== undefined);
  expect(ofDispatcher.length).toBeGreaterThan(0);
  for (const { permissions, repositories } of ofDispatcher) {
    expect(permissions).toEqual({ actions: "read", metadata: "read", organization_self_hosted_runners: "write" });
    expect(repositories).toHaveLength(1);
  }
  lab.github.assertFaithful();
});
