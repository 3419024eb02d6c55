import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { answerOf, createRehearsalWorld, type RehearsalWorld, warmed } from "../rehearsal-world.ts";

let place: RehearsalWorld;
beforeEach(async () => {
  place = await createRehearsalWorld();
});
afterEach(async () => {
  await place.end();
});

it("kills a program that hangs with all that it started, and the image is built", async () => {
  const note = join(place.world.directory, "child");
  await place.program("git", `[ "$1" = --version ] && exit; sleep 1000 & echo $! > ${note}; wait`);
  const supervisor = await place.start({ GHA_WARM_SECONDS: "12" });

  expect(await answerOf(supervisor, "validate")).toBe(200);
  expect(await supervisor.waitFor("warm.failed", ({ name }) => name === "git")).toMatchObject({
    level: "warn",
    problem: "it did not end in time",
  });
  const child = Number(await readFile(note, "utf8"));
  await expect.poll(() => isRunning(child)).toBe(false);
});

it("takes no daemon that is slow for a broken one", async () => {
  const supervisor = await place.startWithDocker({ STAND_IN_DOCKERD: "silent", GHA_WARM_SECONDS: "12" });

  expect(await answerOf(supervisor, "validate")).toBe(200);
  expect(await supervisor.waitFor("warm.failed", ({ name }) => name === "dockerd")).toMatchObject({
    level: "warn",
    problem: "dockerd did not answer in time",
  });
});

it("takes no container that does not run for a broken Docker", async () => {
  const supervisor = await place.startWithDocker();
  await place.program("docker", "[ $1 = --version ]");

  expect(await answerOf(supervisor, "validate")).toBe(200);
  expect(warmed(supervisor)).toContain("dockerd");
  expect(warmed(supervisor, "warm.failed")).toContain("docker-build");
});

/** A process that nobody has waited for yet still answers signals: it is over all the same. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tX");
  return !/^State:\s+[ZX]/m.test(status);
}
