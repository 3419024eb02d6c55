/**
 * Writes conformance/tools.json anew: for each Python group all that pip would install beside what is asked for, with
 * the checksums of its wheels for these platforms, and for each Go program the sum of its module. Versions that are
 * asked for stand in the file and are edited by hand.
 */
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { mustRun, runProgram } from "../run-program.ts";
import { type PythonGroup, printTools, readTools, TOOLS_FILE } from "./tools.ts";

const PYTHONS = ["3.11", "3.12", "3.13"];
/** By pip's tags, the ones that a machine of that kind accepts. */
const PLATFORMS = [
  [
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux_2_5_x86_64",
    "manylinux1_x86_64",
  ],
  ["manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"],
  ["macosx_14_0_arm64", "macosx_11_0_arm64", "macosx_11_0_universal2", "macosx_10_9_universal2"],
];

interface Report {
  install: {
    metadata: { name: string; version: string };
    download_info: { archive_info: { hashes: { sha256: string } } };
  }[];
}

/** What pip would install; undefined where there is no wheel for that platform. */
async function resolve(
  asked: readonly string[],
  python: string,
  platforms: readonly string[],
): Promise<Report | undefined> {
  const target = ["--python-version", python, ...platforms.flatMap((platform) => ["--platform", platform])];
  const options = ["--quiet", "--dry-run", "--ignore-installed", "--only-binary", ":all:", "--report", "-"];
  const args = ["-m", "pip", "install", ...options, "--target", tmpdir(), ...target, ...asked];
  const { status, stdout, stderr } = await runProgram("python3", args);
  if (status === 0) return JSON.parse(stdout);
  process.stderr.write(
    `${asked[0]}: not for Python ${python} on ${platforms[0]}: ${stderr.trim().split("\n").at(-1)}\n`,
  );
  return undefined;
}

async function pin({ need, asked }: PythonGroup): Promise<PythonGroup> {
  const packages: PythonGroup["packages"] = {};
  let requirements = asked;
  for (const platforms of PLATFORMS) {
    for (const python of PYTHONS) {
      const report = await resolve(requirements, python, platforms);
      for (const { metadata, download_info } of report?.install ?? []) {
        const hashes = packages[metadata.name]?.sha256 ?? [];
        const { sha256 } = download_info.archive_info.hashes;
        packages[metadata.name] = { version: metadata.version, sha256: [...new Set([...hashes, sha256])].toSorted() };
      }
      // The same versions everywhere.
      requirements = Object.entries(packages).map(([name, { version }]) => `${name}==${version}`);
      if (requirements.length === 0) requirements = asked;
    }
  }
  return { need, asked, packages };
}

const tools = readTools();
for (const [name, group] of Object.entries(tools.python)) tools.python[name] = await pin(group);
for (const program of Object.values(tools.go)) {
  program.sum = JSON.parse(
    await mustRun("go", ["mod", "download", "-json", `${program.module}@${program.version}`]),
  ).Sum;
}
await writeFile(TOOLS_FILE, printTools(tools));
