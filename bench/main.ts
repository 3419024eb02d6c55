/**
 * Prints what the handlers cost to load, the supervisor to hold and the module to generate, as ratios to starting bare Node of
 * the same version, and an earlier release's handlers, on the same machine in turn: times differ from machine to machine,
 * ratios hardly do.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { unzipSync } from "fflate";
import { printTable } from "../lab/simulate/print-table.ts";
import { earlyRow } from "./early.ts";
import { planRows } from "./plan.ts";
import { kilobytes, median, type Row } from "./report.ts";
import { supervisorRows } from "./supervisor.ts";

/** Starts of each, in turn. */
const RUNS = 41;
const zipPath = new URL("../module/dispatcher.zip", import.meta.url).pathname;
/** What the functions are compared with, start by start. */
const EARLIER = { name: "7a2404e", zip: new URL("../test/fixtures/release-7a2404e/dispatcher.zip", import.meta.url) };
const folder = mkdtempSync(join(tmpdir(), "bench-"));

interface Start {
  /** From spawning to the end. */
  ms: number;
  /** Which the process itself took, on however busy a machine. */
  cpuMs: number;
}

const TELL_CPU = "const { user, system } = process.cpuUsage(); require('node:fs').writeSync(1, String(user + system));";

function start(code: string): Start {
  const begin = performance.now();
  const args = ["-e", `${code}; process.once('exit', () => { ${TELL_CPU} })`];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  return { ms: performance.now() - begin, cpuMs: Number(stdout) / 1_000 };
}

/** Ratio of the medians. */
function ratio(ours: readonly Start[], others: readonly Start[], of: keyof Start): string {
  const medianOf = (starts: readonly Start[]) => median(starts.map((each) => each[of]));
  return (medianOf(ours) / medianOf(others)).toFixed(2);
}

function unpack(zip: string | URL, name: string): Record<string, { path: string; size: number }> {
  mkdirSync(join(folder, name));
  const files = Object.entries(unzipSync(readFileSync(zip))).map(([file, code]) => {
    const path = join(folder, name, file);
    writeFileSync(path, code);
    return [file, { path, size: code.length }];
  });
  return Object.fromEntries(files);
}

// They are run in turn, so that whatever else the machine does falls on all.
function handlerRow(
  file: string,
  size: number,
  paths: { ours: string; earlier: string | undefined },
  aim: number,
): Row {
  const starts: Record<"bare" | "ours" | "earlier", Start[]> = { bare: [], ours: [], earlier: [] };
  for (let run = 0; run < RUNS; run++) {
    starts.bare.push(start("0"));
    starts.ours.push(start(`require(${JSON.stringify(paths.ours)})`));
    if (paths.earlier !== undefined) starts.earlier.push(start(`require(${JSON.stringify(paths.earlier)})`));
  }
  const { bare, ours, earlier } = starts;
  const compared =
    paths.earlier === undefined ? "" : `${ratio(ours, earlier, "ms")}, CPU ${ratio(ours, earlier, "cpuMs")}`;
  return {
    what: `load ${file}`,
    ratio: ratio(ours, bare, "ms"),
    earlier: compared,
    aim: `<= ${aim}`,
    size: kilobytes(size),
  };
}

async function generateRow(): Promise<Row> {
  const { generateModule } = await import("../src/generate-module.ts");
  await generateModule();
  const bare = median(Array.from({ length: RUNS }, () => start("0").ms));
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const begin = performance.now();
    await generateModule();
    times.push(performance.now() - begin);
  }
  const time = median(times);
  return { what: "generate + print", ratio: (time / bare).toFixed(2), aim: "", size: `${time.toFixed(0)} ms` };
}

try {
  const ours = unpack(zipPath, "ours");
  const earlier = unpack(EARLIER.zip, EARLIER.name);
  // What a schedule invokes loads the dispatcher's file too: nobody waits for it.
  const aims: Record<string, number> = { "webhook.js": 1.2, "dispatcher.js": 1.5, "scheduled.js": 1.6 };
  const rows = Object.entries(ours)
    .filter(([file]) => file in aims)
    .map(([file, { path, size }]) =>
      handlerRow(file, size, { ours: path, earlier: earlier[file]?.path }, aims[file] ?? 0),
    );
  const zipBytes = statSync(zipPath).size;
  rows.push({ what: "dispatcher.zip", ratio: "", aim: "< 75 KB", size: kilobytes(zipBytes) });
  const webhook = ours["webhook.js"];
  if (webhook !== undefined) rows.push(earlyRow(webhook.path));
  rows.push(...(await supervisorRows()), await generateRow(), ...(await planRows()));
  console.log(
    printTable(
      [`Node ${process.version}`, "x bare", "aim", `x ${EARLIER.name}`, "size"],
      rows.map(({ what, ratio, aim, earlier = "", size }) => [what, ratio, aim, earlier, size]),
    ),
  );
} finally {
  rmSync(folder, { recursive: true });
}
