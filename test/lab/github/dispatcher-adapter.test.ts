import { afterEach, beforeEach, expect, it } from "vitest";
import { RunnerExistsError } from "../../../dispatcher/errors.ts";
import { createGitHub } from "../../../dispatcher/github/create-github.ts";
import type { GitHub } from "../../../dispatcher/ports.ts";
import { type LabGitHub, startGitHub } from "../../../lab/github/start-github.ts";
import { createTestRunner } from "./support/runner.ts";

const where = { repository: "acme/app", groupId: 0 };

import { steadyKey } from "../../support/app-key.ts";

let lab: LabGitHub;
let github: GitHub;

beforeEach(async () => {
  lab = await startGitHub({ repositories: ["acme/app", "acme/lib"], ghes: true });
  const { id, privateKey } = lab.app;
  github = createGitHub({ apiUrl: lab.apiUrl, app: { appId: String(id), key: steadyKey(privateKey) } });
});
afterEach(async () => {
  lab.assertFaithful();
  await lab.close();
});

it("serves the dispatcher's own client through a job's life", async () => {
  const job = lab.queueJob({ repository: "acme/app", labels: ["self-hosted"] });
  const { runnerId, encodedJitConfig } = await github.registerRunner(where, { name: "one", labels: ["self-hosted"] });
  const runner = createTestRunner(encodedJitConfig);
  await runner.open();
  await runner.poll();

  const again = github.registerRunner(where, { name: "one", labels: ["self-hosted"] });

  await expect(again).rejects.toThrow(RunnerExistsError);
  expect(await github.findRunner(where, "one")).toMatchObject({ id: runnerId, status: "online", busy: true });
  expect(await github.removeRunner(where, runnerId)).toBe("busy");
  expect(await github.getJob(where, job.id)).toMatchObject({ status: "in_progress", runnerName: "one" });
  await runner.complete(job.id, "success");
  expect(await github.removeRunner(where, runnerId)).toBe("removed");
  expect(await github.getJob(where, job.id)).toMatchObject({ status: "completed", conclusion: "success" });
  expect(await github.getJob(where, 1)).toBeUndefined();
});

it("sees that the dispatcher's tokens reach one repository and no more than its calls need", async () => {
  const { runnerId } = await github.registerRunner(where, { name: "one", labels: ["self-hosted"] });
  await github.getJob(where, 1);
  await github.removeRunner(where, runnerId);

  const withToken = lab.calls().filter(({ caller }) => caller === "installation");

  expect(withToken.map(({ repositories }) => repositories)).toEqual(withToken.map(() => ["acme/app"]));
  expect(lab.privileges().unused).toEqual([]);
});
