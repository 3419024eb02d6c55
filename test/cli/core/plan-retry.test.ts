import { describe, expect, it } from "vitest";
import type { GitHubJob, JobEvidence } from "../../../cli/core/job-evidence.ts";
import { planRetry } from "../../../cli/core/plan-retry.ts";
import { type Launch, newRecord } from "../../../dispatcher/core/job.ts";

const NOW = new Date("2026-01-02T12:00:00.000Z");
const LABELS = ["self-hosted", "microvm"];
const queued: GitHubJob = { status: "queued", conclusion: null, runnerName: null, labels: LABELS, createdAt: NOW };
const empty = { name: "ci-jobs", visible: 0, delayed: 0, inFlight: 0 };
const base: JobEvidence = {
  jobId: 22,
  repository: "my-org/shop",
  scope: {
    owner: "my-org",
    repositories: ["shop"],
    classes: [{ name: "default", requiredLabels: ["microvm"], runnerLabels: LABELS, repositories: [] }],
  },
  maxConcurrency: 0,
  github: queued,
  runId: 7,
  refusedFork: false,
  record: undefined,
  launch: undefined,
  queue: empty,
  deadLetters: empty,
};
const run = { repository: "My-Org/shop", isPublic: false };
const plan = (change: Partial<JobEvidence> = {}, ofRun: Parameters<typeof planRetry>[1] = run) =>
  planRetry({ ...base, ...change }, ofRun, "retry-1");

function recordOf(state: Launch["state"], change: Partial<Launch> = {}, installationId?: number) {
  const launch = { number: 3, state, runnerName: "ci-22-3", claimedAt: NOW.toISOString(), ...change };
  return { ...newRecord({ jobId: 22, runId: 7, repository: "my-org/shop", installationId }, NOW), launches: [launch] };
}

describe("a queued job of ours", () => {
  it("is sent as its delivery would be, under an id that no delivery had", () => {
    expect(plan()).toEqual({
      kind: "send",
      message: {
        type: "launch",
        jobId: 22,
        runId: 7,
        repository: "My-Org/shop",
        labels: LABELS,
        deliveryId: "retry-1",
      },
      text: "launch 1 begins as soon as rate, quota and max_concurrency allow",
    });
  });

  it("keeps the installation that is known, and is public where its repository is", () => {
    const sent = plan({ record: recordOf("ended", {}, 5) }, { ...run, isPublic: true });
    expect(sent).toMatchObject({ kind: "send", message: { installationId: 5, isPublic: true } });
    expect(sent.text).toBe("launch 4 begins as soon as rate, quota and max_concurrency allow");
  });

  it("is sent also while a launch lives, which it says", () => {
    expect(plan({ record: recordOf("running") })).toMatchObject({
      kind: "send",
      text: "launch 3 is under way: while it lives no other is begun",
    });
    const swapped = plan({ record: recordOf("running", { swappedAt: NOW.toISOString() }) });
    expect(swapped.text).toMatch(/^launch 4 begins/);
  });

  it("waits where launches are held", () => {
    expect(plan({ held: { imageVersion: "3.0", builds: true } }).text).toBe(
      "launch 1 waits: GitHub refuses the runner of image version 3.0",
    );
  });
});

describe("no launch is sent for a job", () => {
  it.each<[string, Partial<JobEvidence>, RegExp]>([
    [
      "that is over",
      { github: { ...queued, status: "completed", conclusion: "success" } },
      /^the job is over: success/,
    ],
    ["that runs", { github: { ...queued, status: "in_progress", runnerName: "x" } }, /^it runs on x/],
    ["that waits for an approval", { github: { ...queued, status: "waiting" } }, /^GitHub holds it back: an approval/],
    ["with foreign labels", { github: { ...queued, labels: [...LABELS, "gpu"] } }, /no runner has gpu/],
    ["of another repository", { repository: "my-org/other" }, /^my-org\/other is not served here/],
    ["of a fork", { refusedFork: true }, /^a fork's pull request/],
    ["that GitHub does not know", { github: "gone" }, /^GitHub knows no such job/],
  ])("%s", (_, change, text) => {
    const { kind, text: said } = plan(change);
    expect(kind).toBe("refuse");
    expect(said).toMatch(text);
  });
});

it("nothing is sent while GitHub does not tell of the job or of its run", () => {
  expect(plan({ github: { unknown: "no token" } })).toEqual({
    kind: "unable",
    text: "GitHub was not asked about the job: no token",
  });
  expect(plan({}, { unknown: "502: oops" })).toEqual({
    kind: "unable",
    text: "GitHub was not asked about the job's run: 502: oops",
  });
  const { runId: _, ...withoutRun } = base;
  expect(planRetry(withoutRun, run, "retry-1").kind).toBe("unable");
});
