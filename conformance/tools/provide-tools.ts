import { mustRun } from "../run-program.ts";
import { findProgram } from "./find-program.ts";
import { installGo, installPython } from "./install.ts";
import { type Need, readTools, type ToolsFile } from "./tools.ts";

/** A tool that is there: the folder of its programs, and which release it is. */
export interface Tool {
  folder: string;
  version: string;
}

/** Why a tool is not there. */
export interface Missing {
  missing: string;
}

export interface Tools {
  needOf(name: string): Need;
  /** Installed when it is first asked for. */
  get(name: string): Promise<Tool | Missing>;
}

export function provideTools(file: ToolsFile = readTools()): Tools {
  const known = new Map<string, Promise<Tool | Missing>>();
  return {
    needOf: (name) => (file.python[name] ?? file.go[name] ?? file.path[name] ?? unknown(name)).need,
    get(name) {
      const tool = known.get(name) ?? provide(file, name).catch(missing);
      known.set(name, tool);
      return tool;
    },
  };
}

async function provide(file: ToolsFile, name: string): Promise<Tool | Missing> {
  const [group, program] = [file.python[name], file.go[name]];
  if (group !== undefined)
    return { folder: await installPython(name, group), version: group.asked.join(", ").replaceAll("==", " ") };
  if (program !== undefined) return { folder: await installGo(name, program), version: `${name} ${program.version}` };
  const { ask = "version" } = file.path[name] ?? unknown(name);
  const path = findProgram(name);
  if (path === undefined) return { missing: `there is no ${name} on the PATH` };
  const version = /\d+\.\d+\.\d+\S*/.exec(await mustRun(path, [ask]))?.[0];
  return { folder: path.slice(0, -name.length - 1), version: `${name} ${version ?? "of an unknown version"}` };
}

const missing = (error: unknown): Missing => ({ missing: error instanceof Error ? error.message : String(error) });

function unknown(name: string): never {
  throw new Error(`tools.json has no ${name}`);
}
