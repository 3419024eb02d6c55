import { globSync } from "node:fs";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import type { ScanRecord } from "../../src/docs/print-scan-rules.ts";
import { readSkips, type Skip, withoutSkips } from "../../src/docs/scan-skips.ts";
import { runProgram } from "../run-program.ts";
import type { Control, Step } from "../step.ts";
import type { Tool } from "../tools/provide-tools.ts";
import { withFolder } from "../with-folder.ts";

export const RECORD = join(PROJECT_ROOT, "src/docs/checkov.json");

interface Check {
  check_id: string;
  check_name: string;
  resource: string;
  file_path: string;
}
interface Scan {
  results: { passed_checks: Check[]; failed_checks: Check[]; skipped_checks: Check[]; parsing_errors: string[] };
}

/** All that checkov says of a folder, module calls followed. */
async function scan(tool: Tool, folder: string): Promise<Scan["results"]> {
  const options = ["--framework", "terraform", "--skip-download", "--output", "json"];
  const { stdout, stderr } = await runProgram(join(tool.folder, "checkov"), ["--directory", folder, ...options]);
  const scanned: Partial<Scan> = JSON.parse(stdout === "" ? "{}" : stdout);
  if (scanned.results === undefined) throw new Error(`checkov did not scan ${folder}: ${stdout}\n${stderr}`);
  return { ...scanned.results, parsing_errors: scanned.results.parsing_errors ?? [] };
}

type Source = readonly [file: string, text: string];

async function readSources(): Promise<Source[]> {
  const files = globSync(["module/*.tf", "examples/*/*.tf"], { cwd: PROJECT_ROOT }).toSorted();
  return Promise.all(
    files.map(async (file): Promise<Source> => [file, await readFile(join(PROJECT_ROOT, file), "utf8")]),
  );
}

/** Every skip, with the folder that it stands in. */
const skipsIn = (sources: readonly Source[]): FolderSkip[] =>
  sources.flatMap(([file, text]) => readSkips(text).map((skip) => ({ ...skip, folder: dirname(file) })));

export interface FolderSkip extends Skip {
  folder: string;
}

/** The same resource whoever calls its module. */
const addressOf = ({ resource }: Check) => resource.replace(/^(module\.[^.]+\.)+/, "").replace(/\[[^\]]*\]$/, "");

const nameOf = (folder: string, rule: string, resource: string) => `${rule} of ${folder}'s ${resource}`;
const nameOfCheck = (check: Check) =>
  nameOf(dirname(check.file_path).replace(/^\//, ""), check.check_id, addressOf(check));

/** What the skips say against what fails without them. */
export function compareSkips(skips: readonly FolderSkip[], failed: readonly Check[]): string[] {
  const needed = new Set(failed.map(nameOfCheck));
  const said = new Set(skips.map(({ folder, rule, resource }) => nameOf(folder, rule, resource)));
  return [
    ...skips
      .filter(({ reason }) => reason === "")
      .map(({ folder, rule, resource }) => `${nameOf(folder, rule, resource)} is skipped without a reason`),
    ...[...said].filter((each) => !needed.has(each)).map((each) => `${each} is skipped and would pass`),
    ...[...needed].filter((each) => !said.has(each)).map((each) => `${each} fails and is not skipped`),
  ];
}

/** What {@link compareSkips} finds when the first skip is another. */
function tryFaults(sources: readonly Source[], failed: readonly Check[]): Control[] {
  const [first] = skipsIn(sources);
  if (first === undefined) throw new Error("there is no skip");
  const own = nameOf(first.folder, first.rule, first.resource);
  const needless = nameOf(first.folder, "CKV_AWS_0", first.resource);
  const findWith = (change: (line: string) => string): string[] => {
    let changed = false;
    const text = (hcl: string) =>
      hcl.replace(/^ *# checkov:skip=.*\n/m, (line) => {
        if (changed) return line;
        changed = true;
        return change(line);
      });
    return compareSkips(skipsIn(sources.map(([file, hcl]): Source => [file, text(hcl)])), failed);
  };
  return [
    {
      fault: "a skip without its reason",
      found: findWith((line) => line.replace(/(skip=\w+):.*/, "$1")),
      expected: [`${own} is skipped without a reason`],
    },
    {
      fault: "one without need",
      found: findWith((line) => `${line}${line.replace(/=\w+/, "=CKV_AWS_0")}`),
      expected: [`${needless} is skipped and would pass`],
    },
    { fault: "a failed check without its skip", found: findWith(() => ""), expected: [`${own} fails and is not`] },
  ];
}

export const checkov: Step = {
  name: "checkov",
  shows:
    "checkov reports nothing of the module, nor of an example with the module in it; what is left out has its reason beside the resource, and would fail without it",
  tools: ["checkov"],
  run: (context) =>
    withFolder("checkov", async (copy) => {
      const tool = context.tool("checkov");
      for (const folder of ["module", "examples"]) {
        await cp(join(PROJECT_ROOT, folder), join(copy, folder), { recursive: true });
      }
      const asIs = await scan(tool, copy);
      await takeSkipsAway(copy);
      const bare = await scan(tool, copy);
      const version = tool.version.replace(/^.* /, "");
      const { passed_checks: passed, failed_checks: failed, skipped_checks: skipped, parsing_errors: unread } = asIs;
      const sources = await readSources();
      return {
        shown: [
          `${passed.length} checks passed, ${skipped.length} skipped with their reasons, ${failed.length} failed`,
        ],
        findings: [
          ...unread.map((file) => `checkov cannot parse ${file}`),
          ...failed.map((check) => `${nameOfCheck(check)} fails`),
          ...compareSkips(skipsIn(sources), bare.failed_checks),
          ...(await compareRecord(makeRecord(version, passed, bare.failed_checks), context.record)),
        ],
        controls: tryFaults(sources, bare.failed_checks),
      };
    }),
};

async function takeSkipsAway(copy: string): Promise<void> {
  const files = (await readdir(copy, { recursive: true })).filter((file) => file.endsWith(".tf"));
  for (const file of files) {
    await writeFile(join(copy, file), withoutSkips(await readFile(join(copy, file), "utf8")));
  }
}

function makeRecord(version: string, passed: readonly Check[], failed: readonly Check[]): ScanRecord {
  const asks = Object.fromEntries(failed.map(({ check_id, check_name }) => [check_id, check_name]));
  const byType = Map.groupBy(passed, (check) => addressOf(check).split(".").at(-2) ?? "others");
  const passes = [...byType].map(([type, checks]): [string, string[]] => [
    type,
    [...new Set(checks.map(({ check_id }) => check_id))].toSorted(),
  ]);
  return { version, asks: sort(asks), passes: sort(Object.fromEntries(passes)) };
}

/** SECURITY.md is made from the record, which therefore may not differ from what checkov says. */
async function compareRecord(record: ScanRecord, write: boolean): Promise<string[]> {
  if (write) {
    await writeFile(RECORD, `${JSON.stringify(record, undefined, 2)}\n`);
    return [];
  }
  const committed = JSON.stringify(JSON.parse(await readFile(RECORD, "utf8")));
  if (committed === JSON.stringify(record)) return [];
  return [
    "src/docs/checkov.json is not what checkov says: run `npx projen conformance -- --record checkov`, then generate",
  ];
}

function sort<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
