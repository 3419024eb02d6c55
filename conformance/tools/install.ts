import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { mustRun } from "../run-program.ts";
import { findProgram } from "./find-program.ts";
import type { GoProgram, PythonGroup } from "./tools.ts";
import { withLock } from "./with-lock.ts";

const FOLDER = join(PROJECT_ROOT, "dist/tools");

/** The folder of programs of a group's own environment, which is made unless it is there with the same pins. */
export async function installPython(name: string, group: PythonGroup): Promise<string> {
  const python = findProgram("python3");
  if (python === undefined) throw new Error("there is no python3 on the PATH");
  const pins = Object.entries(group.packages).map(([each, { version, sha256 }]) =>
    [`${each}==${version}`, ...sha256.map((hash) => `--hash=sha256:${hash}`)].join(" "),
  );
  const folder = await install(name, [python, ...pins].join("\n"), async (home) => {
    const requirements = join(home, "requirements.txt");
    await writeFile(requirements, `${pins.join("\n")}\n`);
    await mustRun(python, ["-m", "venv", join(home, "venv")]);
    const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
    await mustRun(join(home, "venv/bin/python"), [
      ...["-m", "pip", "install", ...options, "--require-hashes", "--requirement", requirements],
    ]);
  });
  return join(folder, "venv/bin");
}

/** The folder of a program that Go builds, after its module's sum was compared. */
export async function installGo(name: string, program: GoProgram): Promise<string> {
  const go = findProgram("go");
  if (go === undefined) throw new Error("there is no go on the PATH");
  const folder = await install(name, JSON.stringify(program), async (home) => {
    const module = `${program.module}@${program.version}`;
    const { Sum: sum } = JSON.parse(await mustRun(go, ["mod", "download", "-json", module], { cwd: home }));
    if (sum !== program.sum) throw new Error(`${module} has the sum ${sum} and not ${program.sum}`);
    await mustRun(go, ["install", module], { cwd: home, env: { GOBIN: join(home, "bin") } });
  });
  return join(folder, "bin");
}

/** Once for the same pins: a folder without its last file was left half made. */
async function install(name: string, pins: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(FOLDER, `${name}-${createHash("sha256").update(pins).digest("hex").slice(0, 12)}`);
  const whole = join(folder, "whole");
  await mkdir(FOLDER, { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(whole)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await make(folder);
    await writeFile(whole, "");
  });
  return folder;
}
