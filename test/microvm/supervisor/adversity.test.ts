import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SupervisorProcess } from "../../../lab/runner/supervisor-process.ts";
import { createWorld, type World } from "../supervisor-world.ts";

const job = { jobId: "4711", name: "build (linux)", durationMs: 50, result: "success" };
const HOOK_MS = 120_000;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.end();
});

const finishCalls = () => world.github.finishes as { launchId: string; mac: string }[];

describe("a suspended MicroVM", () => {
  it("goes on with its job after all clocks have jumped", async () => {
    world.github.offer({ ...job, durationMs: 4_000 });
    // A second after the job's end the runner counts as hanging, and the jump is longer.
    const supervisor = await world.start({ GHA_AFTER_JOB_SECONDS: "1" });
    await supervisor.hook("run", world.runBody(), HOOK_MS);
    await supervisor.waitFor("job.started");

    supervisor.signal("SIGSTOP");
    await pause(2_000);
    supervisor.signal("SIGCONT");
    expect(await supervisor.hook("resume", "", HOOK_MS)).toEqual({ status: 200 });

    expect(await supervisor.exited).toBe(0);
    expect(supervisor.lines.map(({ event }) => event)).not.toContain("runner.stopping");
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
  });
});

describe("a full disk", () => {
  it("costs the job's page its lines, and not the job", async () => {
    world.github.offer(job);
    await writeFile(join(world.directory, "full"), "");
    const supervisor = await world.start({ GHA_STATE_DIR: join(world.directory, "full/run") });
    await supervisor.hook("run", world.runBody(), HOOK_MS);

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("job-page.not-installed")).toMatchObject({ level: "warn" });
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
  });

  it("that ends the runner too ends the MicroVM, with its finish call", async () => {
    world.github.offer(job);
    // No file may grow at all, for the supervisor and what it starts.
    const supervisor = await world.start({}, ["bash", "-c", `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`]);
    expect(await supervisor.hook("run", world.runBody(), HOOK_MS)).toEqual({ status: 200 });

    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.waitFor("runner.exited")).toMatchObject({ level: "warn" });
    expect(finishCalls()).toHaveLength(1);
  });
});

describe("two MicroVMs from one snapshot", () => {
  it("share nothing that tells who they are", async () => {
    const unpacked = await filesBelow(world.runnerDir);
    const built = await world.start();
    await warm(built);
    const snapshot = await filesBelow(world.runnerDir);
    built.signal("SIGTERM");
    await built.exited;

    const launches = ["4711-1", "4712-1"].map((launchId, index) =>
      world.payload({
        launchId,
        jitConfig: {
          ...world.payload().jitConfig,
          ".runner": (world.payload().jitConfig[".runner"] ?? "").replace("microvm-4711-1", `microvm-${launchId}`),
          ".credentials_rsaparams": JSON.stringify({ d: `key of ${launchId}` }),
        },
        finish: { ...world.payload().finish, mac: String(index).repeat(64) },
      }),
    );
    const guests = await Promise.all(
      launches.map(async ({ launchId }) => {
        const runnerDir = join(world.directory, `runner-${launchId}`);
        await cp(world.runnerDir, runnerDir, { recursive: true });
        const stateDir = join(world.directory, `run-${launchId}`);
        return { runnerDir, supervisor: await world.start({ GHA_RUNNER_DIR: runnerDir, GHA_STATE_DIR: stateDir }) };
      }),
    );
    const written: Map<string, string>[] = [];
    for (const [index, { runnerDir, supervisor }] of guests.entries()) {
      await supervisor.hook("run", world.runBody(launches[index]), HOOK_MS);
      await supervisor.waitFor("runner.ready");
      const files = await filesBelow(runnerDir);
      written.push(new Map([...files].filter(([name]) => !snapshot.has(name) && !name.startsWith("_diag"))));
    }
    for (const { supervisor } of guests) supervisor.signal("SIGTERM");
    await Promise.all(guests.map(({ supervisor }) => supervisor.exited));

    // The snapshot holds the runner as it was unpacked, and nothing that the warming wrote.
    expect(snapshot).toEqual(unpacked);
    const [first, second] = written;
    expect([...(first?.keys() ?? [])]).toContain(".runner");
    for (const name of [".runner", ".credentials_rsaparams"]) expect(first?.get(name)).not.toBe(second?.get(name));
    expect(new Set(finishCalls().map(({ launchId }) => launchId))).toEqual(new Set(["4711-1", "4712-1"]));
    expect(new Set(finishCalls().map(({ mac }) => mac)).size).toBe(2);
  });

  it("share no random state: what draws random numbers runs in a process that the snapshot does not hold", async () => {
    const sources = new URL("../../../microvm/supervisor/", import.meta.url).pathname;
    const files = await filesBelow(sources);
    const drawing = [...files].filter(([, text]) =>
      /\brandom|getRandomValues/.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")),
    );

    // finish-call.ts is called by edges/finish-process.ts, in a process of its own.
    expect(drawing.map(([name]) => name)).toEqual(["core/finish-retry.ts", "finish-call.ts"]);
  });
});

/** Up to the snapshot: what `validate` does is done in a MicroVM that is thrown away. */
async function warm(supervisor: SupervisorProcess): Promise<void> {
  await expect.poll(async () => (await supervisor.hook("ready", "", HOOK_MS)).status, { timeout: HOOK_MS }).toBe(200);
}

async function filesBelow(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.map(
    async (file): Promise<[string, string]> => [
      file.slice(folder.length).replace(/^\//, ""),
      await readFile(file, "latin1"),
    ],
  );
  return new Map((await Promise.all(read)).sort(([one], [other]) => one.localeCompare(other)));
}
