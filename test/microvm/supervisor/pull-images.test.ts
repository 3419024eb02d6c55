import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { answerOf, createRehearsalWorld, type RehearsalWorld } from "../rehearsal-world.ts";

const IMAGES = { GHA_DOCKER_IMAGES: "postgres:17,ghcr.io/acme/tools@sha256:1f" };

let place: RehearsalWorld;
beforeEach(async () => {
  place = await createRehearsalWorld();
});
afterEach(async () => {
  await place.end();
});

const calls = async (of: "calls" | "docker") => (await readFile(`${place.socket}.${of}`, "utf8")).trim().split("\n");

it("pulls the images before the snapshot, asks a registry that refuses again, and leaves no daemon behind", async () => {
  const containerd = join(place.world.directory, "docker/containerd");
  await mkdir(containerd, { recursive: true });
  const supervisor = await place.startWithDocker({
    ...{ ...IMAGES, GHA_REGISTRY_MIRRORS: "https://mirror.gcr.io", STAND_IN_PULL_FAILURES: "1" },
  });

  expect(await answerOf(supervisor, "ready")).toBe(200);
  expect((await calls("docker")).filter((call) => call.startsWith("pull"))).toEqual([
    "pull --quiet postgres:17",
    "pull --quiet postgres:17",
    "pull --quiet ghcr.io/acme/tools@sha256:1f",
  ]);
  const [daemon, ...more] = await calls("calls");
  expect(daemon).toMatch(/--registry-mirror=https:\/\/mirror\.gcr\.io --bridge=none --iptables=false /);
  expect(more).toEqual([]);
  expect([place.socket, containerd].filter(existsSync)).toEqual([]);
});

it("fails the image with the name of one that cannot be had, but not one that gets away from a refused runner", async () => {
  const failing = { ...IMAGES, GHA_PULL_SECONDS: "4", STAND_IN_PULL_FAILURES: "99" };
  const supervisor = await place.startWithDocker(failing);

  expect(await answerOf(supervisor, "ready")).toBe(400);
  expect(await supervisor.waitFor("docker.pull-failed")).toMatchObject({
    level: "error",
    image: "postgres:17",
    problem: expect.stringContaining("toomanyrequests"),
  });

  const runnerEnv = join(place.world.directory, "runner.env");
  await writeFile(runnerEnv, "RESCUE=1\n");
  const rescuing = await place.world.start({
    ...{ ...failing, PATH: place.programs, GHA_DOCKER: "on", GHA_DOCKERD: join(place.programs, "dockerd") },
    ...{ GHA_DOCKER_SOCKET: place.socket, GHA_RUNNER_ENV: runnerEnv },
  });
  expect(await answerOf(rescuing, "ready")).toBe(200);
});
