/**
 * Prints what the handlers cost to load, the supervisor to hold and the module to generate, as ratios to starting bare Node of the same version on
 * the same machine in turn: times differ from machine to machine, ratios hardly do.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { unzipSync } from "fflate";
import { printTable } from "../lab/simulate/print-table.ts";
import { kilobytes, median, type Row } from "./report.ts";
import { supervisorRows } from "./supervisor.ts";

const RUNS = 21;
const zipPath = new URL("../module/dispatcher.zip", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "bench-"));

function startMs(args: string[]): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  return performance.now() - begin;
}

// The two are run in turn, so that whatever else the machine does falls on both.
function ratioToBareNode(args: string[]): number {
  const ratios = Array.from({ length: RUNS }, () => {
    const bare = startMs(["-e", "0"]);
    return startMs(args) / bare;
  });
  return median(ratios);
}

function handlerRow(file: string, code: Uint8Array, aim: number): Row {
  const path = join(folder, file);
  return {
    what: `load ${file}`,
    ratio: ratioToBareNode(["-e", `require(${JSON.stringify(path)})`]).toFixed(2),
    aim: `<= ${aim}`,
    size: kilobytes(code.length),
  };
}

async function generateRow(): Promise<Row> {
  const { generateModule } = await import("../src/generate-module.ts");
  await generateModule();
  const bare = median(Array.from({ length: RUNS }, () => startMs(["-e", "0"])));
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
  const entries = unzipSync(readFileSync(zipPath));
  // The refresh function loads the dispatcher's file too: nobody waits for it.
  const aims: Record<string, number> = { "webhook.js": 1.2, "dispatcher.js": 1.5, "refresh.js": 1.6 };
  for (const [file, code] of Object.entries(entries)) writeFileSync(join(folder, file), code);
  const rows = Object.entries(entries)
    .filter(([file]) => file in aims)
    .map(([file, code]) => handlerRow(file, code, aims[file] ?? 0));
  const zipBytes = statSync(zipPath).size;
  rows.push({ what: "dispatcher.zip", ratio: "", aim: "< 75 KB", size: kilobytes(zipBytes) });
  rows.push(...(await supervisorRows()), await generateRow());
  console.log(
    printTable(
      [`Node ${process.version}`, "x bare", "aim", "size"],
      rows.map(({ what, ratio, aim, size }) => [what, ratio, aim, size]),
    ),
  );
} finally {
  rmSync(folder, { recursive: true });
}
