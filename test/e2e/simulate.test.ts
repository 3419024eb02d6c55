import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the simulation as the task does. */
async function simulate(
  environment: Record<string, string> = {},
  meanwhile: (child: ChildProcess) => void = () => undefined,
) {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), "lab/simulate/simulate.ts"], {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  meanwhile(child);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}

const ROWS = [
  "job queued on GitHub",
  "delivered to the webhook",
  "message in the queue",
  "claimed by the dispatcher",
  "runner registered",
  "RunMicrovm accepted",
  "MicroVM running",
  "runner online",
  "runner ready",
  "docker ready",
  "job started",
  "job completed",
  "MicroVM terminated",
];

describe("the simulation", () => {
  it("prints the job's way in order and ends well with nothing left", async () => {
    const { exitCode, stdout, stderr } = await simulate();

    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    const rows = [...stdout.matchAll(/^(\S.*?) +(\d+\.\d\d) s +\+\d+\.\d\d$/gm)].map(([, name = "", at = ""]) => ({
      name,
      at: Number(at),
    }));
    // What the MicroVM logs is written at its own pace, beside the rest.
    const logged = ["runner ready", "docker ready"];
    const others = rows.map(({ name }) => name).filter((name) => !logged.includes(name));
    expect(others).toEqual(ROWS.filter((name) => !logged.includes(name)));
    expect(rows.map(({ name }) => name).toSorted()).toEqual(ROWS.toSorted());
    expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).toSorted((one, other) => one - other));
    expect(stdout).toMatch(/^Left: no MicroVM, no registration, empty queue\.$/m);
    expect(stdout).toMatch(/terraform destroy\n$/);
  });

  it("ends at Ctrl-C, and leaves no folder behind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "simulate-test-"));
    const { exitCode, stderr } = await simulate({ TMPDIR: folder }, (child) => {
      child.stdout?.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes("terraform init")) child.kill("SIGINT");
      });
    });

    expect(exitCode).toBe(130);
    expect(stderr).toContain("simulate: stopping");
    // tsx keeps what it compiled in a folder of its own.
    expect((await readdir(folder)).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it("says how to get Terraform when the PATH has none, and fails", async () => {
    const { exitCode, stdout, stderr } = await simulate({ PATH: PROJECT });

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^simulate: terraform is not on the PATH: install version 1\.9 or later from https:\/\/\S+ /,
    );
    expect(stderr).not.toMatch(/\bat .+:\d+:\d+/);
    expect(stdout).toBe("");
  });
});
