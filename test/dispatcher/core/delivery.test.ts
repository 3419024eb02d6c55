import { describe, expect, it } from "vitest";
import { readDelivery } from "../../../dispatcher/core/delivery.ts";

const context = {
  scope: {
    owner: "acme",
    repositories: [],
    classes: [
      {
        name: "default",
        requiredLabels: ["self-hosted", "microvm"],
        runnerLabels: ["self-hosted", "linux", "arm64", "microvm"],
        repositories: [],
      },
    ],
  },
  classes: "",
  runnerNamePrefix: "gha",
};

function payload(action: string, change: object = {}, rest: object = {}): string {
  return JSON.stringify({
    action,
    workflow_job: {
      id: 11,
      run_id: 22,
      labels: ["self-hosted", "microvm"],
      runner_name: null,
      conclusion: null,
      ...change,
    },
    repository: { full_name: "acme/shop" },
    ...rest,
  });
}

function read(body: string, event = "workflow_job") {
  return readDelivery(context, { event, deliveryId: "d-1", body });
}

describe("a queued job", () => {
  it("becomes a launch message", () => {
    expect(read(payload("queued"))).toEqual({
      kind: "enqueue",
      message: {
        type: "launch",
        jobId: 11,
        runId: 22,
        repository: "acme/shop",
        labels: ["self-hosted", "microvm"],
        deliveryId: "d-1",
      },
    });
  });

  it("carries the installation when the App's own webhook sent it", () => {
    expect(read(payload("queued", {}, { installation: { id: 5 } }))).toMatchObject({ message: { installationId: 5 } });
  });

  it("says that its repository is public, and says nothing of any other", () => {
    const of = (repository: object) =>
      read(payload("queued", {}, { repository: { full_name: "acme/shop", ...repository } }));

    expect(of({ private: false })).toMatchObject({ message: { isPublic: true } });
    for (const other of [{ private: true }, {}]) expect(of(other)).not.toHaveProperty("message.isPublic");
    expect(of({ private: "no" })).toMatchObject({ kind: "malformed" });
  });

  it("is ignored with the reason when it is not ours", () => {
    expect(read(payload("queued", { labels: ["ubuntu-latest"] }))).toEqual({ kind: "ignore", reason: "labels" });
    expect(read(payload("queued", {}, { repository: { full_name: "evil/shop" } }))).toEqual({
      kind: "ignore",
      reason: "repository",
    });
  });
});

describe("a job that started", () => {
  it("is news when a runner made for another job has it", () => {
    expect(read(payload("in_progress", { runner_name: "gha-99-3" }))).toEqual({
      kind: "enqueue",
      message: { type: "started", jobId: 11, launchId: "99-3" },
    });
  });

  it.each([
    ["its own runner", "gha-11-1"],
    ["a runner that is not ours", "GitHub Actions 2"],
    ["nobody yet", null],
  ])("is no news when %s has it", (_, runner) => {
    const reason = runner === "gha-11-1" ? "action" : "runner";
    expect(read(payload("in_progress", { runner_name: runner }))).toEqual({ kind: "ignore", reason });
  });

  it("is none of ours in another's repository, whichever runner has it, and is ours with other labels", () => {
    const foreign = { repository: { full_name: "evil/shop" } };
    expect(read(payload("in_progress", { runner_name: "gha-99-3" }, foreign))).toEqual({
      kind: "ignore",
      reason: "repository",
    });
    expect(read(payload("in_progress", { runner_name: "gha-99-3", labels: ["linux"] }))).toMatchObject({
      kind: "enqueue",
    });
    expect(read(payload("in_progress", { labels: ["linux"] }))).toEqual({ kind: "ignore", reason: "labels" });
  });
});

describe("a completed job", () => {
  it("ran from its first step on", () => {
    const steps = [{ started_at: "2026-01-01T00:01:00Z" }, { started_at: "2026-01-01T00:02:00Z" }];
    const times = { started_at: "2026-01-01T00:00:00Z", completed_at: "2026-01-01T00:03:00Z" };
    expect(
      read(payload("completed", { runner_name: "gha-99-3", conclusion: "success", ...times, steps })),
    ).toMatchObject({
      message: { ranFrom: "2026-01-01T00:01:00.000Z", ranUntil: "2026-01-01T00:03:00.000Z" },
    });
  });

  const where = { runId: 22, repository: "acme/shop" };

  it("names the launch whose runner ran it, which may be another job's", () => {
    expect(read(payload("completed", { runner_name: "gha-99-3", conclusion: "success" }))).toEqual({
      kind: "enqueue",
      message: { type: "finish", source: "completed", jobId: 11, ...where, conclusion: "success", launchId: "99-3" },
    });
  });

  it("names no launch when it was cancelled in the queue", () => {
    for (const runner of [null, "", undefined]) {
      expect(read(payload("completed", { runner_name: runner, conclusion: "cancelled" }))).toEqual({
        kind: "enqueue",
        message: { type: "finish", source: "completed", jobId: 11, ...where, conclusion: "cancelled" },
      });
      expect(read(payload("completed", { runner_name: runner }))).not.toHaveProperty("message.launchId");
    }
  });

  it("counts when a runner of ours had it, whatever its labels", () => {
    const body = payload("completed", { labels: ["linux"], runner_name: "gha-11-1" });
    expect(read(body)).toMatchObject({ kind: "enqueue" });
  });

  it("is none of ours in another's repository, whichever runner had it", () => {
    const body = payload("completed", { runner_name: "gha-11-1" }, { repository: { full_name: "evil/shop" } });
    expect(read(body)).toEqual({ kind: "ignore", reason: "repository" });
  });

  it("is ignored when other runners had it", () => {
    const body = payload("completed", { labels: ["ubuntu-latest"], runner_name: "GitHub Actions 1" });
    expect(read(body)).toEqual({ kind: "ignore", reason: "labels" });
  });
});

describe("other deliveries", () => {
  it("answers a ping", () => {
    expect(read("{}", "ping")).toEqual({ kind: "ignore", reason: "pong" });
  });

  it.each(["push", "workflow_run", ""])("ignores the event %j without reading it", (event) => {
    expect(read("not json", event)).toEqual({ kind: "ignore", reason: "event" });
  });

  it.each(["waiting", "something_new"])("ignores the action %s", (action) => {
    expect(read(payload(action))).toEqual({ kind: "ignore", reason: "action" });
  });

  it.each([
    ["text", "hello", "body is not JSON"],
    ["nothing", "", "body is not JSON"],
    ["a form", "payload=%7B%7D", "body is not JSON"],
    ["null", "null", "unexpected payload"],
    ["an array", "[]", "unexpected action"],
    ["no job", JSON.stringify({ action: "queued" }), "unexpected workflow_job"],
    ["a job id of the wrong type", payload("queued", { id: "11" }), "unexpected workflow_job.id"],
    ["a job id beyond 2^53", payload("queued", { id: 2 ** 53 }), "unexpected workflow_job.id"],
    ["a negative job id", payload("queued", { id: -1 }), "unexpected workflow_job.id"],
    [
      "a repository whose name cannot be one",
      payload("queued", {}, { repository: { full_name: "acme/a b" } }),
      "unexpected repository",
    ],
    ["labels of the wrong type", payload("queued", { labels: "microvm" }), "unexpected workflow_job.labels"],
  ])("calls %s malformed and names the field", (_, body, reason) => {
    expect(read(body)).toEqual({ kind: "malformed", reason });
  });
});

it("a message says by which classes it was judged, where there are any", () => {
  const judged = readDelivery(
    { ...context, classes: "/gha/classes:4" },
    { event: "workflow_job", deliveryId: "d-1", body: payload("queued") },
  );
  expect(judged).toMatchObject({ message: { classes: "/gha/classes:4" } });
  expect(read(payload("queued"))).not.toHaveProperty("message.classes");
});
