import { describe, expect, it } from "vitest";
import { jobDocument, labelsWrong, launchText, printJob } from "../../../cli/core/describe-job.ts";
import { explainJob } from "../../../cli/core/explain-job.ts";
import { EXIT_CODES, type GitHubJob, type JobEvidence, type JobLaunch } from "../../../cli/core/job-evidence.ts";
import { type JobRecord, type Launch, newRecord } from "../../../dispatcher/core/job.ts";

const NOW = new Date("2026-01-02T12:00:00.000Z");
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000);
const LABELS = ["self-hosted", "microvm"];
const RUNNER = "ci-22-1";
const empty = { name: "ci-jobs", visible: 0, delayed: 0, inFlight: 0 };

const queued: GitHubJob = { status: "queued", conclusion: null, runnerName: null, labels: LABELS, createdAt: ago(60) };
const started: GitHubJob = { ...queued, status: "in_progress", runnerName: RUNNER };
const launch = (change: Partial<Launch>): Launch => ({
  number: 1,
  state: "running",
  runnerName: RUNNER,
  claimedAt: ago(40).toISOString(),
  ...change,
});
const record = (launches: Launch[], change: Partial<JobRecord> = {}): JobRecord => ({
  ...newRecord({ jobId: 22, runId: 1, repository: "my-org/shop", labels: LABELS }, ago(50)),
  version: 1,
  launches,
  ...change,
});
const running = launch({ launchedAt: ago(30).toISOString(), microvmId: "microvm-1" });
const inVm = (state: "RUNNING" | "TERMINATED", stateReason?: string): JobLaunch => ({
  id: "22-1",
  launch: running,
  microvm: { state, ...(stateReason === undefined ? {} : { stateReason }) },
});

const base: JobEvidence = {
  jobId: 22,
  repository: "my-org/shop",
  scope: {
    owner: "my-org",
    repositories: [],
    classes: [{ name: "default", requiredLabels: ["microvm"], runnerLabels: LABELS, repositories: [] }],
  },
  maxConcurrency: 0,
  github: queued,
  refusedFork: false,
  record: undefined,
  launch: undefined,
  queue: empty,
  deadLetters: { ...empty, name: "ci-dead-letters" },
};

type Case = [what: string, change: Partial<JobEvidence>, outcome: string, text: RegExp];

const overDue = { watchDue: ago(700).toISOString() };
const notAsked = { unknown: "no token" };

const held = { imageVersion: "3.0", runner: "2.337.0", builds: true };

const CASES: Case[] = [
  [
    "held while the image is built again",
    { held: { ...held, build: { imageVersion: "4.0", since: new Date("2026-11-27T03:12:00Z") } }, record: record([]) },
    "waiting",
    /^GitHub refuses runner 2\.337\.0 of version 3\.0; 4\.0 is being built since 03:12 UTC$/,
  ],
  [
    "held by a build that has no number yet",
    { held: { ...held, build: { since: new Date("2026-11-27T03:12:00Z") } } },
    "waiting",
    /another is being built/,
  ],
  ["held until it is built", { held }, "waiting", /is to be built again/],
  [
    "held for a person",
    { held: { imageVersion: "3.0", builds: false } },
    "attention",
    /refuses the runner of version 3\.0, and a person must apply a newer runner/,
  ],
  [
    "running whatever holds others",
    { held, github: started, record: record([running]), launch: inVm("RUNNING") },
    "running",
    /runs on/,
  ],
  ["over on GitHub", { github: { ...started, status: "completed", conclusion: "success" } }, "over", /over: success$/],
  [
    "cancelled in the queue",
    { github: { ...queued, status: "completed", conclusion: "cancelled" } },
    "over",
    /never had a runner/,
  ],
  ["over by the record", { github: notAsked, record: record([], { conclusion: "failure" }) }, "over", /over: failure/],
  ["running", { github: started, record: record([running]), launch: inVm("RUNNING") }, "running", /runs on ci-22-1/],
  [
    "running, its MicroVM not readable",
    { github: started, record: record([running]), launch: { ...inVm("RUNNING"), microvm: notAsked } },
    "running",
    /runs on/,
  ],
  [
    "running elsewhere",
    { github: { ...started, runnerName: "mac" } },
    "running",
    /of which this deployment knows nothing/,
  ],
  [
    "running in a MicroVM that died",
    { github: started, record: record([running]), launch: inVm("TERMINATED", "duration") },
    "attention",
    /gone: duration/,
  ],
  [
    "running in a MicroVM that is forgotten",
    { github: started, record: record([running]), launch: { ...inVm("RUNNING"), microvm: "gone" } },
    "attention",
    /no reason/,
  ],
  ["unknown to GitHub and the table", { github: "gone" }, "unknown", /knows no such job/],
  ["held back by GitHub", { github: { ...queued, status: "waiting" } }, "waiting", /holds it back/],
  ["in another owner's repository", { repository: "else/shop" }, "attention", /else\/shop is not served/],
  [
    "asking for a label too many",
    { github: { ...queued, labels: [...LABELS, "gpu"] } },
    "attention",
    /no runner has gpu/,
  ],
  ["a refused fork's", { refusedFork: true }, "attention", /fork's pull request/],
  ["unknown altogether", { github: notAsked, repository: undefined }, "unknown", /no record of it/],
  [
    "perhaps a dead letter",
    { deadLetters: { ...empty, visible: 1 }, queue: { ...empty, visible: 1 } },
    "attention",
    /dead letters/,
  ],
  ["perhaps in the queue", { queue: { ...empty, delayed: 2, inFlight: 1 } }, "waiting", /among the 3/],
  ["just queued", {}, "waiting", /delivery has not been handled/],
  [
    "queued, and nothing came",
    { github: { ...queued, createdAt: ago(301) } },
    "attention",
    /nothing of it has arrived/,
  ],
  [
    "whose MicroVMs keep dying",
    {
      record: record(
        [1, 2, 3, 4].map((number) =>
          launch({
            number,
            state: "ended",
            microvmId: `m-${number}`,
            endReason: "no runner",
            endedAt: ago(30).toISOString(),
          }),
        ),
      ),
    },
    "attention",
    /4 MicroVMs died one after the other, the last because of: no runner; another is due at 2026-01-02T12:00:30.000Z/,
  ],
  [
    "whose runner got nothing",
    {
      record: record([
        launch({ state: "ended", microvmId: "m-1", endReason: "runner exited", endedAt: ago(30).toISOString() }),
      ]),
    },
    "waiting",
    /launch 1 ended \(GitHub gave its runner no job\), another is due at 2026-01-02T12:00:30.000Z/,
  ],
  [
    "claimed",
    { record: record([launch({ state: "claimed" })]), maxConcurrency: 5 },
    "waiting",
    /waits for its moment \(max_concurrency 5\)/,
  ],
  [
    "claimed, while all places are taken",
    { record: record([launch({ state: "claimed", waitsFor: "max_concurrency" })]), maxConcurrency: 5 },
    "waiting",
    /waits for a place, all are taken \(max_concurrency 5\)/,
  ],
  [
    "claimed, while its repository has its share",
    { record: record([launch({ state: "claimed", waitsFor: "share" })]), maxConcurrency: 5 },
    "waiting",
    /its repository has its share, and others with fewer wait \(max_concurrency 5\)/,
  ],
  [
    "claimed, while its repository has its bound",
    { record: record([launch({ state: "claimed", waitsFor: "max_concurrency_per_repository" })]) },
    "waiting",
    /its repository has max_concurrency_per_repository/,
  ],
  [
    "claimed long ago",
    { record: record([launch({ state: "claimed", claimedAt: ago(900).toISOString() })]) },
    "attention",
    /for 15 minutes now/,
  ],
  [
    "claimed long ago, for a moment to come",
    {
      record: record([launch({ state: "claimed", claimedAt: ago(900).toISOString(), slotAt: ago(-60).toISOString() })]),
    },
    "waiting",
    /moment/,
  ],
  ["registered", { record: record([launch({ state: "registered" })]) }, "waiting", /RunMicrovm is being called/],
  ["booting", { record: record([running]), launch: inVm("RUNNING") }, "waiting", /boots/],
  [
    "booted, without its runner",
    { record: record([{ ...running, launchedAt: ago(400).toISOString() }]), launch: inVm("RUNNING") },
    "waiting",
    /has not got the job/,
  ],
  [
    "queued though its MicroVM died",
    { record: record([running]), launch: inVm("TERMINATED", "host") },
    "waiting",
    /gone: host; another/,
  ],
  [
    "robbed of its runner",
    { record: record([{ ...running, ranJobId: 33 }]), launch: inVm("RUNNING") },
    "waiting",
    /job 33/,
  ],
  [
    "between two launches",
    { record: record([launch({ state: "ended", endReason: "microvm gone" })], { watchDue: ago(-60).toISOString() }) },
    "waiting",
    /ended \(microvm gone\), another/,
  ],
  ["forgotten", { record: record([launch({ state: "ended" })], overDue) }, "attention", /did not happen/],
  [
    "waiting, GitHub not asked",
    { github: notAsked, record: record([running]), launch: inVm("RUNNING") },
    "waiting",
    /by the record alone/,
  ],
  [
    "over, GitHub not saying how",
    { github: { ...started, status: "completed" }, record: record([running]), launch: inVm("RUNNING") },
    "over",
    /over: unknown$/,
  ],
  ["running, GitHub not saying where", { github: { ...started, runnerName: null } }, "running", /runs on a runner, of/],
  ["waiting without a launch", { record: record([]) }, "waiting", /^known, and not launched for yet$/],
  [
    "waiting after a launch that ended for no reason that is known",
    { record: record([launch({ state: "ended", endedAt: ago(20).toISOString() })]) },
    "waiting",
    /^launch 1 ended \(no reason\), /,
  ],
  [
    "waiting while its runner has another's job",
    { record: record([{ ...running, swappedAt: ago(10).toISOString() }]) },
    "waiting",
    /^GitHub gave its runner to another job; /,
  ],
];

describe("a job", () => {
  it.each(CASES)("that is %s is explained so", (_, change, outcome, text) => {
    const conclusion = explainJob({ ...base, ...change }, NOW);

    expect(conclusion).toMatchObject({ outcome, text: expect.stringMatching(text) });
    expect(conclusion.next).not.toBe("");
  });

  it.each(CASES)("that is %s is shown in 80 columns, and as a document with its exit code", (_, change) => {
    const evidence = { ...base, ...change };
    const conclusion = explainJob(evidence, NOW);

    for (const line of printJob(evidence, conclusion).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(JSON.parse(JSON.stringify(jobDocument(evidence, conclusion)))).toMatchObject({
      version: 1,
      jobId: 22,
      conclusion: { ...conclusion },
      exitCode: EXIT_CODES[conclusion.outcome],
    });
  });

  it("is shown place by place", () => {
    const evidence = { ...base, github: started, record: record([running]), launch: inVm("RUNNING") };
    expect(printJob(evidence, explainJob(evidence, NOW))).toBe(
      [
        "Job           22 of my-org/shop",
        "GitHub        in_progress; created 2026-01-02T11:59:00.000Z; runner ci-22-1;",
        "              labels self-hosted, microvm (served)",
        "Record        kept since 2026-01-02T11:59:10.000Z",
        "              launch 1: MicroVM launched 2026-01-02T11:59:30.000Z",
        "Queue         0 to be taken, 0 being handled, 0 waiting",
        "Dead letters  0 to be taken, 0 being handled, 0 waiting",
        "MicroVM       microvm-1: RUNNING",
        "",
        "Conclusion    RUNNING: it runs on ci-22-1",
        "Next          nothing to do",
      ].join("\n"),
    );
  });

  it("is shown without what its runner is configured with", () => {
    const runInput = {
      imageArn: "i",
      execRoleArn: "e",
      ingressConnectorArn: "n",
      egressConnectorArn: "n",
      logGroup: "l",
      runHookPayload: "secret-payload",
      maxDurationSeconds: 60,
      clientToken: "t",
    };
    const evidence = { ...base, record: record([launch({ state: "registered", runInput })]) };
    const conclusion = explainJob(evidence, NOW);
    const shown = `${printJob(evidence, conclusion)}${JSON.stringify(jobDocument(evidence, conclusion))}`;
    expect(shown).toContain("runner ci-22-1 registered");
    expect(shown).not.toContain("secret-payload");
  });
});

it("ends with 0 only where nobody is needed, and with 2 never", () => {
  expect(EXIT_CODES).toEqual({ over: 0, running: 0, attention: 1, waiting: 3, unknown: 3 });
});

it("tells the labels that are missing from those that no runner has", () => {
  expect(labelsWrong(base.scope, ["Self-Hosted", "gpu"])).toBe("microvm missing; no runner has gpu");
  expect(labelsWrong(base.scope, LABELS)).toBe("");
});

describe("a job of a deployment with classes", () => {
  const large = {
    name: "large",
    requiredLabels: ["microvm-large"],
    runnerLabels: ["microvm-large"],
    repositories: ["site"],
  };
  const scope = { ...base.scope, classes: [...base.scope.classes, large] };
  const ofLarge = { name: "large", maxConcurrency: 3, allowForkPullRequests: false };

  it("is told which class serves it, and which is nearest where none does", () => {
    const served = { ...base, scope, runnerClass: { ...ofLarge, name: "default" } };
    expect(printJob(served, explainJob(served, NOW))).toContain("(served, class default)");
    expect(jobDocument(served, explainJob(served, NOW))).toMatchObject({ class: "default" });
    expect(labelsWrong(scope, ["microvm-large", "gpu"])).toBe("no runner has gpu (class large)");
  });

  it("is not served where its class does not serve its repository", () => {
    const github = { ...queued, labels: ["microvm-large"] };
    const { outcome, text, next } = explainJob({ ...base, scope, github }, NOW);
    expect(outcome).toBe("attention");
    expect(text).toBe("the class that has its labels does not serve my-org/shop");
    expect(next).toContain("runner_classes");
  });

  it("waits below the bound of its class too", () => {
    const waiting = record([
      launch({ state: "claimed", claimedAt: ago(5).toISOString(), waitsFor: "max_concurrency" }),
    ]);
    const evidence = { ...base, scope, runnerClass: ofLarge, maxConcurrency: 40, record: waiting };
    expect(explainJob(evidence, NOW).text).toContain("(max_concurrency 40, max_concurrency 3 of class large)");
  });
});

it.each<[Partial<Launch>, RegExp]>([
  [{ state: "claimed" }, /no runner yet/],
  [{ state: "claimed", slotAt: "2026-01-02T12:00:05.000Z" }, /its moment is 2026-01-02T12:00:05/],
  [{ state: "registered", ambiguous: true }, /did not answer/],
  [{ state: "registered" }, /no MicroVM yet/],
  [{ state: "running" }, /at a time unknown/],
  [{ state: "ended", endedAt: "then", endReason: "no runner" }, /ended then \(no runner\)/],
])("puts a launch like %o into words", (change, text) => {
  expect(launchText(launch(change))).toMatch(text);
});
