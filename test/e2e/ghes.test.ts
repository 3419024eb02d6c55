import { afterAll, beforeAll, expect, it } from "vitest";
import { documentedPolicy, readerOf, runAgainst } from "../cli/reader.ts";
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

it("is looked at by the commands as any other GitHub is", async () => {
  const job = lab.queueJob();
  await untilSettled(lab, job);
  const { host } = new URL(lab.github.apiUrl);
  const url = `http://${host}/my-org/shop/actions/runs/${job.run.id}/job/${job.id}`;

  const doctor = await runAgainst(lab, readerOf(lab, documentedPolicy("doctor")), ["doctor"]);
  const where = await runAgainst(lab, readerOf(lab, documentedPolicy("where")), ["where", url]);

  // The lab's deployments tell nobody of their alarms.
  expect(doctor.text.match(/^FAIL .*$/gm)).toEqual([expect.stringContaining("Alarm actions")]);
  expect([doctor.code, where.code]).toEqual([1, 0]);
  expect(where.text).toContain("OVER: the job is over: success");
  lab.github.assertFaithful();
});
