import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { SupervisorProcess } from "../lab/runner/supervisor-process.ts";
import { bundleSupervisor } from "../src/bundle/build-context.ts";
import { createWorld } from "../test/microvm/supervisor-world.ts";
import { kilobytes, median, type Row } from "./report.ts";

const RUNS = 7;
const HOOK_MS = 30_000;
const MB = 1_000_000;

/**
 * What the supervisor weighs, and how soon it starts the runner: the real bundle as a process, with a stand-in runner.
 */
export async function supervisorRows(): Promise<Row[]> {
  const bundle = Buffer.byteLength(await bundleSupervisor());
  const samples: { residentMb: number; execMs: number }[] = [];
  for (let run = 0; run < RUNS; run++) samples.push(await sample());
  const residentMb = median(samples.map((each) => each.residentMb));
  const execMs = median(samples.map((each) => each.execMs));
  return [
    { what: "supervisor.cjs", ratio: "", aim: "< 60 KB", size: kilobytes(bundle) },
    {
      what: "supervisor, resident",
      ratio: (residentMb / (await bareNodeMb())).toFixed(2),
      // No bound of its own: bare Node takes most of it, and no code of ours changes that.
      aim: "",
      size: `${residentMb.toFixed(1)} MB`,
    },
    { what: "/run to the runner's exec", ratio: "", aim: "< 50 ms", size: `${execMs.toFixed(0)} ms` },
  ];
}

async function sample(): Promise<{ residentMb: number; execMs: number }> {
  const world = await createWorld();
  try {
    const supervisor = await world.start();
    await warm(supervisor);
    const residentMb = residentMbOf(supervisor.pid);
    const begin = performance.now();
    await supervisor.hook("run", world.runBody(), HOOK_MS);
    await supervisor.waitFor("runner.started");
    return { residentMb, execMs: performance.now() - begin };
  } finally {
    await world.end();
  }
}

/** As before the snapshot that every MicroVM starts from. */
async function warm(supervisor: SupervisorProcess): Promise<void> {
  for (const hook of ["ready", "validate"]) {
    while ((await supervisor.hook(hook, "", HOOK_MS)).status !== 200) await pause(20);
  }
}

function residentMbOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kib) * 1_024) / MB;
}

async function bareNodeMb(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "console.log(); setInterval(() => {}, 1_000_000)"]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const megabytes = residentMbOf(child.pid ?? 0);
  child.kill();
  return megabytes;
}
