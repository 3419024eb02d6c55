import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallFilter, GatewayCall } from "../../lab/aws/gateway/call-hooks.ts";
import { microvmErrors } from "../../lab/aws/microvms/errors.ts";
import { stateOf } from "../../lab/aws/microvms/machine.ts";
import type { Job } from "../../lab/github/jobs.ts";
import { deliveryHeaders } from "../../lab/world/services/function-url-event.ts";
import { eventually } from "../support/eventually.ts";
import { type AppliedLab, applyLab, machinesOf, registrationsOf, untilSettled } from "./applied-lab.ts";

const TIMEOUT_SECONDS = 10;
/**
 * A queue's visibility timeout is six times its function's timeout: here a message comes back when its attempt's lease
 * ends.
 */
const VISIBILITY_SPEED = 6;

let lab: AppliedLab;
/** What guests get in their environment from here on. */
const guestEnvironment: Record<string, string> = {};

beforeAll(async () => {
  lab = await applyLab({
    visibilitySpeed: VISIBILITY_SPEED,
    files: { "timeout_override.tf": `module "gha_runner" {\n  dispatcher_timeout = ${TIMEOUT_SECONDS}\n}\n` },
    // A repository for each job that meets something, so that GitHub gives none of them to another's runner.
    github: { repositories: ["shop", "one", "two", "three", "four", "five", "six", "seven"].map((n) => `my-org/${n}`) },
    guests: { environment: guestEnvironment },
    microvms: { bootDelayMs: 500 },
  });
});
afterAll(() => lab?.stop());

interface KillPoint {
  when: string;
  repository: string;
  filter: CallFilter;
  /** Tells the call from the same operation's others about the job. */
  matches(body: string): boolean;
  /** How often its runner's name is registered: an attempt that did not store its configuration is of no use. */
  registrations: number;
}

const POINTS: KillPoint[] = [
  {
    when: "after generate-jitconfig, before it could write that down",
    repository: "my-org/one",
    filter: { service: "dynamodb", operation: "PutItem", phase: "before" },
    matches: (body) => body.includes("registered"),
    registrations: 2,
  },
  {
    when: "just before RunMicrovm",
    repository: "my-org/two",
    filter: { operation: "RunMicrovm", phase: "before" },
    matches: () => true,
    registrations: 1,
  },
  {
    when: "just after RunMicrovm",
    repository: "my-org/three",
    filter: { operation: "RunMicrovm", phase: "after" },
    matches: () => true,
    registrations: 1,
  },
];

/** Queues a job, and kills the dispatcher at the first call that fits. */
async function queueAndKill({ repository, filter, matches }: KillPoint): Promise<{ job: Job; killed: GatewayCall }> {
  let job: Job | undefined;
  let killed: GatewayCall | undefined;
  const remove = lab.aws.gateway.onCall(filter, (call) => {
    const body = call.body.toString();
    if (killed !== undefined || job === undefined || !body.includes(String(job.id)) || !matches(body)) return;
    killed = call;
    lab.aws.gateway.killCallerOf(call);
  });
  job = lab.queueJob({ repository });
  const call = await eventually(() => {
    if (killed === undefined) throw new Error("the dispatcher did not get as far as the call at which it is to die");
    return killed;
  });
  remove();
  return { job, killed: call };
}

// What happens to the jobs happens one after the other, so that no batch holds two of them; they recover at the same
// time.
const victims = new Map<KillPoint, { job: Job; killed: GatewayCall }>();
const jobs: Partial<Record<"orphaned" | "throttled" | "unanswered" | "cancelled", Job>> = {};
beforeAll(async () => {
  lab.github.failNext(/^POST .*\/five\/actions\/runners\/generate-jitconfig$/, 502, 2);
  jobs.unanswered = lab.queueJob({ repository: "my-org/five" });
  // Before there is any other job whose MicroVM would die too.
  jobs.orphaned = await queueWithDeadGuest();
  jobs.throttled = queueThrottled();
  jobs.cancelled = await queueAndCancel();
  for (const point of POINTS) victims.set(point, await queueAndKill(point));
});

async function queueWithDeadGuest(): Promise<Job> {
  guestEnvironment.NODE_OPTIONS = "--no-such-option";
  const job = lab.queueJob({ repository: "my-org/six" });
  await eventually(() => expect(machinesOf(lab, job).map(stateOf)).toEqual(["TERMINATED"]));
  delete guestEnvironment.NODE_OPTIONS;
  return job;
}

async function queueAndCancel(): Promise<Job> {
  const job = lab.queueJob({ repository: "my-org/seven" });
  await eventually(() => expect(machinesOf(lab, job).map(stateOf)).toEqual(["PENDING"]));
  return lab.github.cancelJob(job.id);
}

function queueThrottled(): Job {
  const job = lab.queueJob({ repository: "my-org/four" });
  let left = 3;
  lab.aws.gateway.onCall({ operation: "RunMicrovm" }, (call) => {
    if (left === 0 || !call.body.toString().includes(`-${job.id}-`)) return;
    left -= 1;
    return { fail: microvmErrors.throttling(undefined) };
  });
  return job;
}

describe("a dispatcher that is killed", () => {
  it.each(POINTS)("leaves one MicroVM and one registration when it dies $when", async (point) => {
    const victim = victims.get(point);
    if (victim === undefined) throw new Error("the dispatcher was not killed");
    const { job, killed } = victim;
    expect(killed.killed).toBe(true);

    await untilSettled(lab, job);

    expect(job.conclusion).toBe("success");
    expect(machinesOf(lab, job)).toHaveLength(1);
    const name = `gha-microvm-${job.id}-1`;
    expect(registrationsOf(lab, job)).toEqual(Array.from({ length: point.registrations }, () => name));
    expect(mostAtOnce(job)).toBe(1);
    expect(job.runner?.name).toBe(name);
  });
});

/** How many registrations for the job there were at the same time, at most. */
function mostAtOnce(job: Job): number {
  let now = 0;
  let most = 0;
  for (const { kind, runnerName } of lab.github.events.all()) {
    if (!String(runnerName).includes(`-${job.id}-`)) continue;
    if (kind === "runner.registered") now += 1;
    if (kind === "runner.removed") now -= 1;
    most = Math.max(most, now);
  }
  return most;
}

describe("a job", () => {
  it("runs on its one registration once RunMicrovm is no longer throttled", async () => {
    const job = known(jobs.throttled);

    await untilSettled(lab, job);

    expect(job.conclusion).toBe("success");
    const calls = lab.aws.gateway.calls().filter(({ operation }) => operation === "RunMicrovm");
    expect(calls.filter(({ body }) => body.toString().includes(`-${job.id}-`))).toHaveLength(4);
    expect(machinesOf(lab, job)).toHaveLength(1);
    expect(registrationsOf(lab, job)).toHaveLength(1);
  });

  it("runs once GitHub has answered 502 twice", async () => {
    const job = known(jobs.unanswered);

    await untilSettled(lab, job);

    expect(job.conclusion).toBe("success");
    const registering = lab.github.calls().filter(({ path }) => /\/five\/.*generate-jitconfig/.test(path));
    expect(registering.map(({ status }) => status)).toEqual([502, 502, 201]);
    expect(machinesOf(lab, job)).toHaveLength(1);
  });

  it("leaves nothing when it is cancelled while its MicroVM boots", async () => {
    const job = known(jobs.cancelled);

    await untilSettled(lab, job);

    expect(job.conclusion).toBe("cancelled");
    expect(job.runner).toBeUndefined();
    expect(machinesOf(lab, job)).toHaveLength(1);
  });

  it("gets another MicroVM when the first dies before its runner is there", async () => {
    const job = known(jobs.orphaned);

    await untilSettled(lab, job);

    expect(job.conclusion).toBe("success");
    expect(machinesOf(lab, job)).toHaveLength(2);
    // One that a worker died over is made anew under its name, and the log says so.
    const replaced = lab.aws.functions
      .output("gha-microvm-dispatcher")
      .filter((line) => line.includes('"runner.replaced"') && line.includes(`"jobId":${job.id}`));
    const registrations = registrationsOf(lab, job);
    expect([...new Set(registrations)]).toEqual([`gha-microvm-${job.id}-1`, `gha-microvm-${job.id}-2`]);
    expect(registrations).toHaveLength(2 + replaced.length);
    expect(job.runner?.name).toBe(`gha-microvm-${job.id}-2`);
  });

  it("has all these recoveries within the permissions that its tokens have, and each of them is of use", () => {
    expect(lab.github.privileges().unused).toEqual([]);
    expect(lab.github.calls().filter(({ status }) => status === 401 || status === 403)).toEqual([]);
    lab.github.assertFaithful();
  });
});

function known(job: Job | undefined): Job {
  if (job === undefined) throw new Error("the job was not queued");
  return job;
}

describe("a delivery that comes more than once", () => {
  const answersTo = (job: Job) =>
    lab.github.deliveries.all().filter(({ jobId, action }) => jobId === job.id && action === "queued");

  it("launches one MicroVM when GitHub sends it twice and again, under the same id and under another", async () => {
    lab.github.deliveries.next("duplicate", { action: "queued" });
    const job = lab.queueJob();
    await eventually(() => expect(answersTo(job)).toHaveLength(2));
    const [delivery] = answersTo(job);
    if (delivery === undefined) throw new Error("GitHub kept no delivery");
    lab.github.deliveries.redeliver(delivery);
    const { body } = delivery.request;
    const headers = { ...deliveryHeaders(body, lab.webhookSecret), "x-github-delivery": randomUUID() };
    expect((await fetch(lab.url, { method: "POST", headers, body })).status).toBe(202);

    await untilSettled(lab, job);

    expect(answersTo(job).map(({ guid, statusCode }) => [guid, statusCode])).toEqual(
      Array.from({ length: 3 }, () => [delivery.guid, 202]),
    );
    expect(machinesOf(lab, job)).toHaveLength(1);
    expect(registrationsOf(lab, job)).toHaveLength(1);
  });

  it("launches nothing when its job is long over", async () => {
    const job = lab.queueJob();
    await untilSettled(lab, job);
    const [delivery] = answersTo(job);
    if (delivery === undefined) throw new Error("GitHub kept no delivery");
    const handled = () => lab.aws.events.all().filter(({ kind }) => kind === "mapping.processed").length;
    const before = handled();

    lab.github.deliveries.redeliver(delivery);
    await eventually(() => expect(handled()).toBeGreaterThan(before));
    await untilSettled(lab, job);

    expect(machinesOf(lab, job)).toHaveLength(1);
    expect(registrationsOf(lab, job)).toHaveLength(1);
  });
});
