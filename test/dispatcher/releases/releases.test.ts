import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FinishMessage, type LaunchMessage, queueMessage } from "../../../contract/messages.ts";
import { readJobItem, toJobItem } from "../../../dispatcher/aws/job-item.ts";
import { type JobRecord, newRecord } from "../../../dispatcher/core/job.ts";
import { relaunchPace } from "../../../dispatcher/core/relaunch.ts";
import { RefusedError, ThrottledError } from "../../../dispatcher/errors.ts";
import { LABELS, startTwoReleases, type TwoReleases } from "./two-releases.ts";

const EARLIER = fileURLToPath(new URL("../../fixtures/release-7a2404e/dispatcher.zip", import.meta.url));

let deployment: TwoReleases;
beforeAll(async () => {
  deployment = await startTwoReleases(EARLIER);
});
afterAll(() => deployment?.close());

const launchOf = (jobId: number): LaunchMessage => ({
  ...{
    type: "launch",
    jobId,
    runId: jobId * 10,
    repository: "acme/shop",
    labels: LABELS,
    deliveryId: `delivery-${jobId}`,
  },
});
const completed = (jobId: number, launchNumber: number): FinishMessage => ({
  ...{ type: "finish", source: "completed", jobId, runId: jobId * 10, repository: "acme/shop", conclusion: "success" },
  launchId: `${jobId}-${launchNumber}`,
});

describe.each([
  ["an upgrade", "earlier", "ours", 100],
  ["a rollback", "ours", "earlier", 200],
] as const)("%s while jobs are under way", (_, first, second, base) => {
  it("ends a MicroVM that the other release launched", async () => {
    const { github, microvms, jobs, handle } = deployment;
    const id = base + 1;
    github.queueJob({ id, repository: "acme/shop", labels: LABELS });
    const sent = await handle(first, launchOf(id));
    expect(sent).toMatchObject([{ type: "watch", jobId: id }]);
    expect(await jobs.get(id)).toMatchObject({ launches: [{ number: 1, state: "running" }] });

    await handle(second, completed(id, 1));

    expect(await jobs.get(id)).toMatchObject({ conclusion: "success", launches: [{ state: "ended" }] });
    const [instance] = microvms.all().filter(({ input }) => input.clientToken === `gha-${id}-1`);
    expect(microvms.isAlive(instance?.microvmId ?? "")).toBe(false);
  });

  it("launches what the other release had registered, with the same token", async () => {
    const { github, microvms, jobs, handle } = deployment;
    const id = base + 2;
    github.queueJob({ id, repository: "acme/shop", labels: LABELS });
    microvms.failNext("run", new ThrottledError("no room", { reason: "image" }));
    const [again] = await handle(first, launchOf(id));
    expect(again).toMatchObject({ type: "launch", jobId: id, again: true });
    expect(await jobs.get(id)).toMatchObject({ launches: [{ state: "registered" }] });
    if (again === undefined) throw new Error("nothing was sent");
    await deployment.forgetPace();

    await handle(second, again);

    expect(await jobs.get(id)).toMatchObject({ launches: [{ number: 1, state: "running" }] });
    const tokens = microvms.all().map(({ input }) => input.clientToken);
    expect(tokens.filter((token) => token.includes(`-${id}-`))).toEqual([`gha-${id}-1`]);
  });

  it("launches anew after the other release was refused", async () => {
    const { github, microvms, jobs, handle } = deployment;
    const id = base + 3;
    github.queueJob({ id, repository: "acme/shop", labels: LABELS });
    microvms.failNext("run", new RefusedError("denied"), 1);
    await expect(handle(first, launchOf(id))).rejects.toThrow("is to come back");
    expect(await jobs.get(id)).toMatchObject({ launches: [{ state: "ended" }] });

    await handle(second, launchOf(id));

    expect((await jobs.get(id))?.launches.at(-1)).toMatchObject({ number: 2, state: "running" });
  });
});

it("a record that uses all that is new is taken up by the earlier release, which keeps what it does not know", async () => {
  const { github, jobs, handle } = deployment;
  const id = 301;
  github.queueJob({ id, repository: "acme/shop", labels: LABELS });
  const at = new Date(Date.now() - 3_600_000).toISOString();
  const ended = { state: "ended" as const, claimedAt: at, launchedAt: at, endedAt: at, endReason: "runner exited" };
  const record: JobRecord = {
    ...newRecord(launchOf(id), new Date()),
    launches: Array.from({ length: 9 }, (_, index) => ({
      ...{ ...ended, number: index + 21, runnerName: `gha-${id}-${index + 21}`, microvmId: `microvm-${index}` },
      ...{ idleAt: at, cause: "probe" as const, refusedAt: at, runnerLeft: true as const },
    })),
    ...{ freshFrom: 20, goneAt: at, goneLooks: 2, exhaustedAt: at, owedPlace: { jobId: 12, swaps: 200 }, version: 1 },
  };
  expect(await jobs.put(record)).toBe(true);

  await handle("earlier", { ...launchOf(id), relaunch: { cause: "probe", after: 29 } });

  const after = await jobs.get(id);
  expect(after).toMatchObject({ freshFrom: 20, goneAt: at, goneLooks: 2, exhaustedAt: at, owedPlace: { jobId: 12 } });
  expect(after?.launches.slice(0, 9)).toEqual(record.launches);
  expect(after?.launches.at(-1)).toMatchObject({ number: 30 });
});

describe("what the earlier release has stored", () => {
  const samples = JSON.parse(readFileSync(new URL("samples-7a2404e.json", import.meta.url), "utf8")) as {
    records: JobRecord[];
    messages: unknown[];
  };

  it.each(samples.records.map((record) => [record.launches.map(({ state }) => state).join(", "), record] as const))(
    "is read whole: a record whose launches are %s",
    (_, record) => {
      expect(readJobItem(record.jobId, toJobItem(record))).toEqual(record);
      expect(relaunchPace(record).dueMs).toBeLessThan(Date.now());
    },
  );

  it.each(samples.messages.map((message) => [(message as { type: string }).type, message] as const))(
    "is read whole: a message %s",
    (_, message) => {
      expect(v.parse(queueMessage, message)).toEqual(message);
    },
  );
});
