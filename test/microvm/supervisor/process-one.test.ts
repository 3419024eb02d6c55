import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { INIT_SCRIPT } from "../../../microvm/supervisor/edges/become-child-of-init.ts";
import { createWorld, type World } from "../supervisor-world.ts";

/** A process namespace of its own, as a container has: the command is process 1 in it. */
const NAMESPACE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];

function mayUnshare(): boolean {
  const [file = "", ...args] = NAMESPACE;
  try {
    execFileSync(file, [...args, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.end();
});

const job = { jobId: "4711", name: "build", durationMs: 600_000, result: "success" };

// Not every Linux lets every account make namespaces; what the script does without one is tested below.
describe.runIf(mayUnshare())("the supervisor as process 1", () => {
  it("leaves no zombie of what a job leaves behind", async () => {
    world.github.offer(job);
    const supervisor = await world.start({ STAND_IN_RUNNER: "litter" }, NAMESPACE);
    await supervisor.hook("run", world.runBody(), 20_000);
    const ended = () => readFileSync(join(world.runnerDir, "orphans"), "utf8").length;
    await supervisor.waitFor("job.started");
    await expect.poll(ended, { timeout: 120_000 }).toBe(20);

    const [init = 0] = childrenOf(supervisor.pid);
    await expect.poll(() => childrenOf(init).length, { timeout: 120_000 }).toBe(1);
  });

  it("lets the job be cancelled on SIGTERM, and ends with the supervisor's code", async () => {
    world.github.offer(job);
    const supervisor = await world.start({}, NAMESPACE);
    await supervisor.hook("run", world.runBody(), 20_000);
    await supervisor.waitFor("job.started");

    process.kill(childrenOf(supervisor.pid)[0] ?? 0, "SIGTERM");

    expect(await supervisor.exited).toBe(0);
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "cancelled" }]);
  });
});

describe("the script that is process 1", () => {
  it.each([
    ["an end of its own", "exit 7", 7],
    ["an end that SIGTERM brings about", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done", 9],
  ])("passes on the code of %s", async (_what, command, code) => {
    const init = spawn("bash", ["-c", INIT_SCRIPT, "init", "bash", "-c", command]);
    init.stdout.once("data", () => init.kill("SIGTERM"));

    expect(await once(init, "exit")).toEqual([code, null]);
  });
});

/** Zombies too. */
function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => statOf(pid).split(") ").at(-1)?.split(" ")[1] === String(parent))
    .map(Number);
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // It has ended since its name was read.
    return "";
  }
}
