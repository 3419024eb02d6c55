import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOOK_BASE_PATH } from "../../../contract/hooks.ts";
import { encodeRunPayload, wrapJitConfig } from "../../../contract/run-payload.ts";
import type { SupervisorProcess } from "../../../lab/runner/supervisor-process.ts";
import { leaksIn } from "../../../lab/secret-forms.ts";
import runnerData from "../../../microvm/runner.json" with { type: "json" };
import { createWorld, type World } from "../supervisor-world.ts";

const job = { jobId: "4711", name: "build (linux)", durationMs: 50, result: "success" };
const ANSWER_MS = 120_000;
const RUNNER = runnerData.runner.version;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.end();
});

const run = (supervisor: SupervisorProcess, body = world.runBody()) => supervisor.hook("run", body, ANSWER_MS);
const finishCall = { launchId: "4711-1", expiresAt: 2_000_000_000, mac: "ab".repeat(32) };

describe("a runner's life", () => {
  it("runs one job, makes the finish call and exits with 0", async () => {
    world.github.offer(job);
    const supervisor = await world.start();

    expect(await run(supervisor)).toEqual({ status: 200 });

    expect(await supervisor.exited).toBe(0);
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
    expect(world.github.finishes).toEqual([finishCall]);
    expect(
      supervisor.lines
        .map(({ event }) => event)
        .filter((event) => /^(hook|runner|job|finish|supervisor)\w*\.(?!output)/.test(event)),
    ).toEqual([
      "hooks.listening",
      "hook.run",
      "runner.started",
      "runner.ready",
      "job.started",
      "job.completed",
      "runner.exited",
      "job.timing",
      "finish.accepted",
      "supervisor.over",
    ]);
  });

  it("says at its end how long each step to the job took", async () => {
    world.github.offer(job);
    const supervisor = await world.start();
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    const { runnerStarted, jobInitialized } = await supervisor.waitFor("job.timing");
    expect(Number(runnerStarted)).toBeGreaterThanOrEqual(0);
    expect(Number(jobInitialized)).toBeGreaterThanOrEqual(Number(runnerStarted));
  });

  it("ends a runner that gets no job", async () => {
    const supervisor = await world.start({ GHA_JOB_WAIT_SECONDS: "3" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.stopping")).toMatchObject({ reason: "no job came" });
    expect(world.github.finishes).toHaveLength(1);
  });

  it("makes the finish call when the runner crashes in its job", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ STAND_IN_RUNNER: "crash" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.exited")).toMatchObject({ signal: "SIGABRT" });
    expect(world.github.finishes).toHaveLength(1);
  });

  it("ends a runner that hangs after its job", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ STAND_IN_RUNNER: "hang", GHA_AFTER_JOB_SECONDS: "0.1" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.stopping")).toMatchObject({ reason: "it hung after its job" });
    expect(world.github.completed).toHaveLength(1);
  });

  it("starts the runner again when it asks for that before it has a job", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ STAND_IN_RUNNER: "retry" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(supervisor.lines.filter(({ event }) => event === "runner.started")).toHaveLength(2);
    expect(world.github.completed).toHaveLength(1);
  });

  it.each([
    ["with a code of its own", "refused", 7],
    ["in words alone", "refused:1", 1],
  ])("says in the finish call that GitHub refused the runner, which tells it %s", async (_, how, code) => {
    world.github.offer(job);
    const supervisor = await world.start({ STAND_IN_RUNNER: how });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.too-old")).toMatchObject({ level: "error", code, runner: RUNNER });
    expect(world.github.finishes).toEqual([{ ...finishCall, problem: "runner-refused", runner: RUNNER }]);
    expect(supervisor.lines.filter(({ event }) => event === "runner.started")).toHaveLength(1);
  });

  it("ends a runner that GitHub gives no job without a word, and claims nothing about it", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ STAND_IN_RUNNER: "refused:silent", GHA_JOB_WAIT_SECONDS: "0.5" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(world.github.finishes).toEqual([finishCall]);
  });

  it("starts a runner whose first connections fail again at once, and does not wait for its pause of 30 s", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ STAND_IN_RUNNER: "connect-error:2" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(supervisor.lines.filter(({ event }) => event === "runner.reconnecting")).toHaveLength(2);
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
  });

  it("ends without a second try when the registration is gone", async () => {
    world.github.forget();
    const supervisor = await world.start();
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.exited")).toMatchObject({ code: 1 });
    expect(world.github.finishes).toHaveLength(1);
  });

  it("reports a runner that cannot be started", async () => {
    const supervisor = await world.start({ GHA_RUNNER_DIR: "/nonexistent" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.unstartable")).toMatchObject({ level: "error" });
    expect(world.github.finishes).toHaveLength(1);
  });

  it("makes the finish call when the runner is killed in its job, as for want of memory", async () => {
    world.github.offer({ ...job, durationMs: 600_000 });
    const supervisor = await world.start();
    await run(supervisor);
    const { pid } = await supervisor.waitFor("runner.started");
    await supervisor.waitFor("job.started");

    process.kill(Number(pid), "SIGKILL");

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.exited")).toMatchObject({ signal: "SIGKILL" });
    expect(world.github.finishes).toHaveLength(1);
  });

  it("ends the runner before the MicroVM's maximum duration ends both", async () => {
    world.github.offer({ ...job, durationMs: 600_000 });
    const supervisor = await world.start();
    await run(supervisor, world.runBody({ maxDurationSeconds: 5 }));

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("duration.near-limit")).toMatchObject({ level: "warn" });
    expect(await supervisor.waitFor("runner.stopping")).toMatchObject({
      reason: "the MicroVM's maximum duration is nearly over",
    });
  });
});

describe("being told to end", () => {
  it.each(["SIGTERM", "terminate"])("gives a running job the time to be cancelled on %s", async (how) => {
    world.github.offer({ ...job, durationMs: 600_000 });
    const supervisor = await world.start();
    await run(supervisor);
    await supervisor.waitFor("job.started");

    if (how === "SIGTERM") supervisor.signal("SIGTERM");
    else expect(await supervisor.hook("terminate", "", ANSWER_MS)).toEqual({ status: 200 });

    expect(await supervisor.exited).toBe(0);
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "cancelled" }]);
    expect(world.github.finishes).toHaveLength(1);
  });

  it("kills a runner that ignores it", async () => {
    world.github.offer({ ...job, durationMs: 600_000 });
    const supervisor = await world.start({ STAND_IN_RUNNER: "deaf", GHA_STOP_GRACE_SECONDS: "0.2" });
    await run(supervisor);
    await supervisor.waitFor("job.started");

    supervisor.signal("SIGTERM");

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.exited")).toMatchObject({ signal: "SIGKILL" });
  });

  it("exits at once when it has no runner", async () => {
    const supervisor = await world.start();

    supervisor.signal("SIGTERM");

    expect(await supervisor.exited).toBe(0);
    expect(world.github.finishes).toEqual([]);
  });
});

describe("the finish call", () => {
  it("is repeated until it is accepted", async () => {
    world.github.offer(job);
    world.github.failFinish(503, 0, 429);
    const supervisor = await world.start();
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("finish.accepted")).toMatchObject({ attempt: 4 });
    expect(world.github.finishes).toEqual([finishCall]);
  });

  it("is given up when it is refused, or out of time", async () => {
    world.github.offer(job);
    world.github.failFinish(403);
    const refused = await world.start();
    await run(refused);
    expect(await refused.exited).toBe(0);
    expect(await refused.waitFor("finish.refused")).toMatchObject({ answer: 403 });

    world.github.offer(job);
    world.github.failFinish(...Array<number>(50).fill(500));
    const late = await world.start({ GHA_FINISH_SECONDS: "0.5" });
    await run(late);
    expect(await late.exited).toBe(0);
    expect(await late.waitFor("finish.failed")).toMatchObject({ answer: 500 });
  });
});

describe("the run hook", () => {
  it("starts one runner however often it is sent", async () => {
    const supervisor = await world.start();

    const answers = await Promise.all([run(supervisor), run(supervisor), run(supervisor)]);
    await supervisor.waitFor("runner.ready");
    world.github.offer(job);

    expect(answers).toEqual([{ status: 200 }, { status: 200 }, { status: 200 }]);
    expect(await supervisor.exited).toBe(0);
    expect(supervisor.lines.filter(({ event }) => event === "runner.started")).toHaveLength(1);
  });

  it("refuses a second launch", async () => {
    const supervisor = await world.start();
    await run(supervisor);

    expect(await run(supervisor, world.runBody({ launchId: "4711-2" }))).toEqual({ status: 409 });
  });

  it.each([
    ["nothing", ""],
    ["one byte", "{"],
    ["an envelope without a payload", '{"microvmId":"microvm-1"}'],
    ["an empty payload", '{"microvmId":"microvm-1","runHookPayload":""}'],
    ["4,096 bytes that are no payload", JSON.stringify({ runHookPayload: "A".repeat(4_096) })],
    ["a payload that is no text", '{"runHookPayload":{"version":1}}'],
    ["junk", "\u0000\u0001\ufffd".repeat(100)],
    ["a megabyte", "x".repeat(1_048_576)],
  ])("answers 400 to %s, and then takes a good one", async (_what, body) => {
    const supervisor = await world.start();

    expect(await run(supervisor, body)).toEqual({ status: 400 });
    expect(await run(supervisor)).toEqual({ status: 200 });
    await supervisor.waitFor("runner.started");
  });
});

describe("the hook server", () => {
  it("warms the snapshot in ready and validate and says when that is done", async () => {
    const supervisor = await world.start();

    for (const name of ["ready", "validate"]) {
      expect(await supervisor.hook(name, "", ANSWER_MS)).toEqual({ status: 503 });
      await expect
        .poll(async () => (await supervisor.hook(name, "", ANSWER_MS)).status, { timeout: ANSWER_MS })
        .toBe(200);
    }
    expect(supervisor.lines.filter(({ event, name }) => event === "warm.done" && name === "listener")).toHaveLength(2);
  });

  it("puts nothing into the snapshot that would be every MicroVM's: no registration, no connection, no state", async () => {
    const supervisor = await world.start();
    await expect
      .poll(async () => (await supervisor.hook("ready", "", ANSWER_MS)).status, { timeout: ANSWER_MS })
      .toBe(200);

    expect(world.github.calls).toEqual([]);
    expect((await readdir(world.runnerDir)).sort()).toEqual(["bin", "externals"]);
    await expect(readdir(join(world.directory, "run"))).rejects.toThrow("ENOENT");
  });

  it("fails the image's build when the runner does not start", async () => {
    const supervisor = await world.start({ GHA_RUNNER_DIR: "/nonexistent" });

    await expect
      .poll(async () => (await supervisor.hook("ready", "", ANSWER_MS)).status, { timeout: ANSWER_MS })
      .toBe(400);
  });

  it("answers suspend and resume with 200, and what it does not know with 404", async () => {
    const supervisor = await world.start();

    expect(await supervisor.hook("suspend", "", ANSWER_MS)).toEqual({ status: 200 });
    expect(await supervisor.hook("resume", '{"microvmId":""}', ANSWER_MS)).toEqual({ status: 200 });
    expect(await supervisor.hook("shell", "", ANSWER_MS)).toEqual({ status: 404 });
    const outside = await fetch(`http://127.0.0.1:${supervisor.port}/ready`, { method: "POST" });
    const get = await fetch(`http://127.0.0.1:${supervisor.port}${HOOK_BASE_PATH}/ready`);
    expect([outside.status, get.status]).toEqual([404, 404]);
  });

  it("closes the connection after every answer, also when a request names no length", async () => {
    const supervisor = await world.start();

    const answer = await raw(supervisor, `POST ${HOOK_BASE_PATH}/resume HTTP/1.1\r\nHost: guest\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
  });

  it("survives a TLS greeting and other bytes that are not HTTP", async () => {
    const supervisor = await world.start();

    await raw(supervisor, Buffer.from("160301020001000001fc0303", "hex"));
    await raw(supervisor, "\r\n\r\n\r\nnonsense\r\n\r\n");

    expect(await supervisor.hook("resume", "", ANSWER_MS)).toEqual({ status: 200 });
  });
});

describe("secrets", () => {
  it("reach the runner by its environment, and nothing else", async () => {
    const supervisor = await world.start();
    await run(supervisor);
    const started = await supervisor.waitFor("runner.started");
    await supervisor.waitFor("runner.ready");

    const argv = await readFile(`/proc/${started.pid}/cmdline`, "utf8");
    const own = await readFile(`/proc/${supervisor.pid}/environ`, "utf8");

    expect(argv.split("\0").slice(2)).toEqual(["run", "--startuptype", "service", ""]);
    expect(leaksIn(`${argv}\n${own}`, secrets())).toEqual([]);
    expect(own).not.toContain("JITCONFIG");
  });

  it("are all that the runner has of ours in its environment, but for paths and a switch that SECURITY names", async () => {
    const supervisor = await world.start();
    await run(supervisor);
    const started = await supervisor.waitFor("runner.started");
    const namesOf = async (pid: unknown) => {
      const variables = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0").filter((text) => text !== "");
      return new Set(variables.map((text) => text.slice(0, text.indexOf("="))));
    };

    const [theirs, own] = await Promise.all([namesOf(started.pid), namesOf(supervisor.pid)]);
    await supervisor.waitFor("runner.ready");

    const ours = [
      ...["ACTIONS_RUNNER_HOOK_JOB_COMPLETED", "ACTIONS_RUNNER_HOOK_JOB_STARTED"],
      ...["ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE", "RUNNER_PERFLOG"],
    ];
    // What every process gets that a shell starts.
    const added = [...theirs.difference(own)].filter((name) => !["LANG", "PWD", "SHLVL", "OLDPWD", "_"].includes(name));
    // The listener keeps it from what it hands on (CommandSettings.cs of actions/runner).
    expect(added.sort()).toEqual([...ours, "ACTIONS_RUNNER_INPUT_JITCONFIG"].sort());
    expect([...theirs].filter((name) => name.startsWith("GHA_"))).toEqual([]);
    const security = await readFile(new URL("../../../docs/SECURITY.md", import.meta.url), "utf8");
    for (const name of ours) expect(security).toContain(`\`${name}\``);
  });

  it("stand in no line of the log", async () => {
    world.github.offer(job);
    const supervisor = await world.start();
    await run(supervisor);
    await supervisor.exited;

    const log = supervisor.lines.map((line) => JSON.stringify(line)).join("\n");
    expect(log).toContain("finish.accepted");
    expect(leaksIn(log, secrets())).toEqual([]);
  });

  // Also as they travel: the configuration encoded for the runner, and the payload that holds it.
  const secrets = () => {
    const { jitConfig, finish } = world.payload();
    return new Map([
      ...Object.entries(jitConfig),
      ["JIT configuration", wrapJitConfig(jitConfig)],
      ["run payload", encodeRunPayload(world.payload())],
      ["finish MAC", finish.mac],
      ["key", "jit-config-secret"],
      ["client", "the-client"],
    ]);
  };
});

describe("configuration", () => {
  it("is refused with every problem at once", async () => {
    await expect(world.start({ GHA_JOB_WAIT_SECONDS: "soon", GHA_RUNNER_DIR: "runner" })).rejects.toThrow(
      /GHA_RUNNER_DIR must be an absolute path; GHA_JOB_WAIT_SECONDS must be a number of seconds/,
    );
  });
});

async function raw(supervisor: SupervisorProcess, bytes: string | Buffer): Promise<string> {
  const socket = connect(supervisor.port, "127.0.0.1");
  socket.end(bytes);
  return text(socket).catch(() => "");
}
