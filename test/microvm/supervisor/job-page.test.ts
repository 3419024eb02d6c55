import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SupervisorProcess } from "../../../lab/runner/supervisor-process.ts";
import { findAccount } from "../../../microvm/supervisor/edges/runner-account.ts";
import { createWorld, type World } from "../supervisor-world.ts";

const job = { jobId: "4711", name: "build", durationMs: 10, result: "success" };

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.end();
});

const run = (supervisor: SupervisorProcess, body = world.runBody()) => supervisor.hook("run", body, 20_000);

describe("the job's page", () => {
  it("gets a line about the MicroVM at the start and one about its cost at the end", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ GHA_MEMORY_MIB: "4096" });
    await run(supervisor, world.runBody({ region: "us-east-1" }));

    expect(await supervisor.exited).toBe(0);
    const [, start, , , end] = world.github.jobLog;
    expect(start).toBe(
      "Runs on MicroVM microvm-1 in us-east-1: 2 vCPU and 4096 MiB as a baseline, for at most 1 h. " +
        "Docker is off: this image switches it off.",
    );
    expect(end).toMatch(/^The MicroVM ran for \d+ s, \$0\.\d{4} for its baseline at the list price of us-east-1/);
  });

  it("says why a job was cancelled from inside", async () => {
    world.github.offer({ ...job, durationMs: 600_000 });
    const supervisor = await world.start();
    await run(supervisor);
    await supervisor.waitFor("job.started");
    await expect.poll(() => world.github.jobLog.length, { timeout: 120_000 }).toBeGreaterThan(0);

    supervisor.signal("SIGTERM");

    expect(await supervisor.exited).toBe(0);
    expect(world.github.jobLog).toContain("::warning title=MicroVM::The runner was told to end: SIGTERM.");
  });

  it("keeps the hook that an image names itself, after ours", async () => {
    const hook = join(world.directory, "own.sh");
    await writeFile(hook, "echo the image has its say\nexit 3\n");
    world.github.offer(job);
    const supervisor = await world.start({ ACTIONS_RUNNER_HOOK_JOB_STARTED: hook });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(world.github.jobLog[1]).toMatch(/^Runs on MicroVM/);
    expect(world.github.jobLog[2]).toBe("the image has its say");
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "failure" }]);
  });

  it("is done without when nothing can be written", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ GHA_STATE_DIR: "/dev/null/state" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("job-page.not-installed")).toMatchObject({ problem: "ENOTDIR" });
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
  });
});

describe("the runner's account", () => {
  it("is the one that the image names, with its home and without the supervisor's variables", async () => {
    const nobody = findAccount("nobody");
    const supervisor = await world.start({ GHA_RUNNER_USER: "nobody" });
    await replaceListener(nobody.uid, nobody.gid);
    await run(supervisor);
    expect(await supervisor.exited).toBe(0);

    const said = supervisor.lines.filter(({ event }) => event === "runner.output").map(({ line }) => line);
    if (process.getuid?.() === 0) {
      expect(said).toEqual([`${nobody.uid} ${nobody.gid} ${nobody.home} jit=yes gha=0`]);
    } else {
      expect(await supervisor.waitFor("runner.unstartable")).toMatchObject({
        problem: expect.stringContaining("EPERM"),
      });
    }
  });

  it("is refused when it is unknown or root", async () => {
    await expect(world.start({ GHA_RUNNER_USER: "no-such-account" })).rejects.toThrow("names no account of this image");
    await expect(world.start({ GHA_RUNNER_USER: "root" })).rejects.toThrow("must not be root");
  });
});

/** A listener that another account can run, whatever this machine lets it read. */
async function replaceListener(uid: number, gid: number): Promise<void> {
  const script = [
    "#!/bin/sh",
    'jit=no; [ -n "$ACTIONS_RUNNER_INPUT_JITCONFIG" ] && jit=yes',
    'echo "$(id -u) $(id -g) $HOME jit=$jit gha=$(env | grep -c ^GHA_)"',
  ];
  await chmod(world.directory, 0o755);
  await mkdir(join(world.runnerDir, "bin"), { recursive: true });
  await writeFile(join(world.runnerDir, "bin/Runner.Listener"), `${script.join("\n")}\n`);
  if (process.getuid?.() === 0) await chown(world.runnerDir, uid, gid);
}
