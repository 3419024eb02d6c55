import { beforeEach, describe, expect, it } from "vitest";
import { createManualClock } from "../../../lab/world/services/manual-clock.ts";
import { createMemoryGitHub, type JobEvent, type MemoryGitHub } from "../../../lab/world/services/memory-github.ts";

const shop = { repository: "acme/shop", groupId: 0 };
const repository = "acme/shop";
const labels = ["self-hosted", "microvm"];

describe("GitHub in memory", () => {
  let github: MemoryGitHub;
  let events: string[];
  beforeEach(() => {
    github = createMemoryGitHub({ clock: createManualClock(), repositories: ["acme/shop", "acme/site"] });
    events = [];
    github.onEvent(({ action, job }: JobEvent) => void events.push(`${action} ${job.id} ${job.runnerName ?? "-"}`));
  });

  const register = async (name: string, where = shop) =>
    (await github.registerRunner(where, { name, labels })).encodedJitConfig;

  it("gives the oldest job to whichever runner comes first", async () => {
    github.queueJob({ id: 1, repository, labels });
    github.queueJob({ id: 2, repository, labels });
    await register("gha-1-1");

    github.connect(await register("gha-2-1"));

    expect(events).toEqual(["queued 1 -", "queued 2 -", "in_progress 1 gha-2-1"]);
  });

  it("gives a new job to a runner that is idle already", async () => {
    github.connect(await register("gha-1-1"));

    github.queueJob({ id: 1, repository, labels: ["Microvm"] });

    expect(events).toEqual(["queued 1 -", "in_progress 1 gha-1-1"]);
  });

  it("gives no job to a runner without its labels or of another repository", async () => {
    github.queueJob({ id: 1, repository, labels: ["self-hosted", "gpu"] });
    github.queueJob({ id: 2, repository: "acme/site", labels });

    github.connect(await register("gha-1-1"));

    expect(github.jobs().map(({ status }) => status)).toEqual(["queued", "queued"]);
  });

  it("uses a runner once", async () => {
    const config = await register("gha-1-1");
    github.connect(config);
    github.queueJob({ id: 1, repository, labels });
    github.completeJob(1, "success");
    github.queueJob({ id: 2, repository, labels });

    expect(github.connect(config)).toBe(false);
    expect(github.runners()).toEqual([]);
    expect(events.slice(-2)).toEqual(["completed 1 gha-1-1", "queued 2 -"]);
  });

  it("lets no runner connect that was removed, or take a job while it is offline", async () => {
    const config = await register("gha-1-1");
    const id = github.connect(config);
    github.disconnect(Number(id));

    github.queueJob({ id: 1, repository, labels });
    expect(events).toEqual(["queued 1 -"]);

    await github.removeRunner(shop, Number(id));
    expect(github.connect(config)).toBe(false);
  });

  it("ends a cancelled job whether it was queued or running", async () => {
    github.queueJob({ id: 1, repository, labels });
    github.cancelJob(1);
    github.connect(await register("gha-2-1"));
    github.queueJob({ id: 2, repository, labels });
    github.cancelJob(2);

    expect(github.jobs().map(({ conclusion, runnerName }) => [conclusion, runnerName])).toEqual([
      ["cancelled", null],
      ["cancelled", "gha-2-1"],
    ]);
    expect(github.runners()).toEqual([]);
  });
});
