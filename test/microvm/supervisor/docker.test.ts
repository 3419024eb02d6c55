import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layOutDocker } from "../../../lab/runner/runner-directory.ts";
import type { SupervisorProcess } from "../../../lab/runner/supervisor-process.ts";
import { canRunDocker, dockerdArguments } from "../../../microvm/supervisor/core/dockerd-arguments.ts";
import { createWorld, type World } from "../supervisor-world.ts";

const job = { jobId: "4711", name: "build", durationMs: 10, result: "success" };
const dockerJob = { ...job, dockerNeeded: true } as const;

let world: World;
let socket: string;
beforeEach(async () => {
  world = await createWorld();
  socket = join(world.directory, "docker.sock");
});
afterEach(async () => {
  await world.end();
});

async function start(environment: Record<string, string> = {}): Promise<SupervisorProcess> {
  const programs = join(world.directory, "docker");
  await layOutDocker(programs);
  return world.start({
    GHA_DOCKER: "on",
    GHA_DOCKERD: join(programs, "dockerd"),
    PATH: `${programs}:${process.env.PATH}`,
    GHA_DOCKER_SOCKET: socket,
    DOCKER_HOST: `unix://${socket}`,
    ...environment,
  });
}

const run = (supervisor: SupervisorProcess) => supervisor.hook("run", world.runBody(), 20_000);
const jobLog = () => world.github.jobLog.join("\n");

describe("dockerd", () => {
  it("starts with the runner, and the job's first step waits for it", async () => {
    world.github.offer(dockerJob);
    const supervisor = await start({ STAND_IN_DOCKERD: "slow" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
    const events = supervisor.lines.map(({ event }) => event);
    expect(events.indexOf("docker.ready")).toBeGreaterThan(events.indexOf("runner.started"));
    expect(events.indexOf("docker.ready")).toBeLessThan(events.indexOf("job.completed"));
    expect(jobLog()).toContain("Docker is ready.");
    expect(await readFile(`${socket}.calls`, "utf8")).toContain("--storage-driver=overlay2");
  });

  it("is started again when it ends at once", async () => {
    world.github.offer(job);
    const supervisor = await start({ STAND_IN_DOCKERD: "crash-once" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(jobLog()).toContain("Docker is ready.");
  });

  it("is tried until its time is over, not a few times in the first moment", async () => {
    world.github.offer(dockerJob);
    const supervisor = await start({ STAND_IN_DOCKERD: "crash-for:2500" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
    expect(jobLog()).toContain("Docker is ready.");
  });

  it("gets the front-end of iptables that the guest's kernel answers", async () => {
    const programs = join(world.directory, "docker");
    await mkdir(programs);
    for (const [name, code] of [
      ["iptables", 4],
      ["iptables-legacy", 0],
    ]) {
      await writeFile(join(programs, String(name)), `#!/bin/sh\n[ "$*" = "-t nat -S" ] && exit ${code}\n`);
      await chmod(join(programs, String(name)), 0o755);
    }
    world.github.offer(job);
    const supervisor = await start();
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(jobLog()).toContain("Docker is ready.");
    expect(await readFile(`${socket}.calls`, "utf8")).toMatch(/ iptables=iptables-legacy\n$/);
  });

  it("does not keep a job from running when it never comes up, and says so in the job's log", async () => {
    world.github.offer(job);
    const supervisor = await start({ STAND_IN_DOCKERD: "crash", GHA_DOCKER_SECONDS: "4" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "success" }]);
    expect(jobLog()).toContain("Docker did not start: dockerd ended with 1.");
    expect(jobLog()).toContain("::warning title=Docker::");
    expect(await supervisor.waitFor("docker.output")).toMatchObject({
      line: expect.stringContaining("overlay2 is not supported"),
    });
  });

  it("is waited for within a bound", async () => {
    world.github.offer(job);
    const supervisor = await start({ STAND_IN_DOCKERD: "silent", GHA_DOCKER_SECONDS: "1" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(jobLog()).toContain("Docker did not start: dockerd did not answer in time.");
  });

  it("stays off where the image wants that, and the log of a job that needs it says so", async () => {
    world.github.offer(dockerJob);
    const supervisor = await start({ GHA_DOCKER: "off" });
    await run(supervisor);

    expect(await supervisor.exited).toBe(0);
    expect(jobLog()).toContain("Docker is off: this image switches it off.");
    expect(jobLog()).toContain("Cannot connect to the Docker daemon");
    expect(world.github.completed).toEqual([{ jobId: "4711", result: "failure" }]);
    await expect(readFile(`${socket}.calls`)).rejects.toThrow("ENOENT");
  });
});

describe("builders that run as containers", () => {
  it("are told resolver and mirrors, unless the image has settings of its own", async () => {
    const home = join(world.directory, "home");
    const file = join(home, ".docker/buildx/buildkitd.default.toml");
    world.github.offer(job);
    const supervisor = await start({ HOME: home, GHA_REGISTRY_MIRRORS: "https://mirror.gcr.io" });
    await run(supervisor);
    expect(await supervisor.exited).toBe(0);
    expect(await readFile(file, "utf8")).toBe(
      '[dns]\n  nameservers = ["169.254.169.253"]\n[registry."docker.io"]\n  mirrors = ["mirror.gcr.io"]\n',
    );

    await writeFile(file, "# mine\n");
    world.github.offer(job);
    const again = await start({ HOME: home });
    await run(again);
    expect(await again.exited).toBe(0);
    expect(await readFile(file, "utf8")).toBe("# mine\n");
  });
});

describe("canRunDocker", () => {
  it("looks for CAP_SYS_ADMIN, which a MicroVM without additional capabilities lacks", () => {
    expect(canRunDocker("Name:\tnode\nCapEff:\t00000000a80425fb\n")).toBe(false);
    expect(canRunDocker("Name:\tnode\nCapEff:\t000001ffffffffff\n")).toBe(true);
    expect(canRunDocker("")).toBe(false);
  });
});

describe("dockerdArguments", () => {
  it("gives the socket to the runner's group, and never falls back to vfs", () => {
    const args = dockerdArguments({
      ...{ socket: "/run/d.sock", group: 1_001, stateDir: "/run/s", registryMirrors: ["https://mirror.gcr.io"] },
    });

    expect(args).toContain("--group=1001");
    expect(args).toContain("--registry-mirror=https://mirror.gcr.io");
    expect(args).toContain("--host=unix:///run/d.sock");
    expect(args.join(" ")).not.toContain("vfs");
  });
});
