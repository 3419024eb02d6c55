import { afterAll, beforeAll, expect, it } from "vitest";
import { type AppliedLab, applyLab, untilSettled } from "./applied-lab.ts";

let lab: AppliedLab;

beforeAll(async () => {
  lab = await applyLab({ github: { ghes: true } });
});
afterAll(() => lab?.stop());

it("runs a job of a GitHub Enterprise Server, with every call below its API's base", async () => {
  const job = lab.queueJob();

  await untilSettled(lab, job);

  expect(lab.github.apiUrl).toMatch(/\/api\/v3$/);
  expect(job.conclusion).toBe("success");
  expect(lab.github.events.all().filter(({ kind }) => kind === "api.outside")).toEqual([]);
  const operations = lab.github.calls().map(({ operationId }) => operationId);
  expect(operations).toContain("apps/create-installation-access-token");
  expect(operations).toContain("actions/generate-runner-jitconfig-for-repo");
  expect(lab.github.deliveries.all().every(({ request }) => "x-github-enterprise-host" in request.headers)).toBe(true);
  lab.github.assertFaithful();
});
