import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withLock } from "../../conformance/tools/with-lock.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "with-lock-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("lets one after the other, also when the first fails", async () => {
  const order: string[] = [];
  const act = (name: string, end: () => void) =>
    withLock(join(folder, "lock"), async () => {
      order.push(`${name} begins`);
      await new Promise(setImmediate);
      order.push(`${name} ends`);
      end();
    });
  const fail = () => {
    throw new Error("no network");
  };
  const [first, second] = await Promise.allSettled([act("one", fail), act("two", () => {})]);

  expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
  expect(order).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  expect(await readdir(folder)).toEqual([]);
});

it("takes over from a process that is gone", async () => {
  const gone = spawn("true");
  await once(gone, "exit");
  await symlink(String(gone.pid), join(folder, "stale"));

  expect(await withLock(join(folder, "stale"), async () => "made")).toBe("made");
});

it("says what is wrong with a folder that is not there", async () => {
  await expect(withLock(join(folder, "none/lock"), async () => "made")).rejects.toThrow("ENOENT");
});
