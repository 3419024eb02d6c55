import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerOf, createRehearsalWorld, type RehearsalWorld, warmed } from "../rehearsal-world.ts";

let place: RehearsalWorld;
beforeEach(async () => {
  place = await createRehearsalWorld();
});
afterEach(async () => {
  await place.end();
});

async function diagnostics(): Promise<string[]> {
  const folder = join(place.world.runnerDir, "_diag");
  return existsSync(folder) ? readdir(folder) : [];
}

describe("the validate hook", () => {
  it("rehearses a job without GitHub, and leaves no identity behind; ready does not", async () => {
    const supervisor = await place.start();

    expect(await answerOf(supervisor, "ready")).toBe(200);
    expect(warmed(supervisor)).not.toContain("listener-run");
    expect(await diagnostics()).toEqual([]);

    expect(await answerOf(supervisor, "validate")).toBe(200);
    expect(warmed(supervisor)).toEqual(
      expect.arrayContaining(["listener-run", "worker", "git", "curl", "node", "tar-gzip", "bash"]),
    );
    expect(await diagnostics()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Runner_\d+\.log$/), "Worker.calls"]),
    );
    expect(await readdir(place.world.runnerDir)).not.toContain(".runner");
    expect(place.world.github.calls).toEqual([]);
  });

  it("leaves out what the image lacks", async () => {
    const supervisor = await place.world.start({ PATH: place.programs });

    expect(await answerOf(supervisor, "validate")).toBe(200);
    expect(warmed(supervisor)).toContain("worker");
    expect(warmed(supervisor)).not.toContain("listener-run");
    expect(await supervisor.waitFor("warm.failed")).toMatchObject({ name: "server", level: "warn" });
  });
});

describe("the rehearsal of Docker", () => {
  it("starts dockerd as a job does, uses it and stops it, in validate alone", async () => {
    const supervisor = await place.startWithDocker();
    expect(await answerOf(supervisor, "ready")).toBe(200);
    expect(existsSync(`${place.socket}.calls`)).toBe(false);

    expect(await answerOf(supervisor, "validate")).toBe(200);
    expect(await readFile(`${place.socket}.calls`, "utf8")).toContain("--storage-driver=overlay2");
    expect(await readFile(`${place.socket}.docker`, "utf8")).toMatch(/^build --tag rehearsal-image /m);
    expect(warmed(supervisor)).toEqual(expect.arrayContaining(["dockerd", "docker-build", "docker-clean"]));
    expect(existsSync(place.socket)).toBe(false);
  });

  it("fails the image when dockerd ends by itself with every front-end of iptables, and names the way out", async () => {
    const supervisor = await place.startWithDocker({ STAND_IN_DOCKERD: "crash" });

    expect(await answerOf(supervisor, "validate")).toBe(400);
    expect(await supervisor.waitFor("warm.failed", ({ name }) => name === "dockerd")).toMatchObject({
      level: "error",
      problem: expect.stringMatching(/^dockerd ended with 1, .*additional_os_capabilities = \[\]/),
    });
    const frontEnds = (await readFile(`${place.socket}.calls`, "utf8")).match(/(?<= iptables=).*/g);
    expect(frontEnds).toEqual(["iptables", "iptables-legacy", "iptables", "iptables-legacy"]);
  });

  it("only says so in an image that replaces one whose runner is refused", async () => {
    const runnerEnv = join(place.world.directory, "runner.env");
    await writeFile(runnerEnv, "RUNNER_VERSION=2.338.0\nRESCUE=1\n");
    const supervisor = await place.startWithDocker({ STAND_IN_DOCKERD: "crash", GHA_RUNNER_ENV: runnerEnv });

    expect(await answerOf(supervisor, "validate")).toBe(200);
    expect(warmed(supervisor, "warm.failed")).toContain("dockerd");
  });
});
