import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { FrontEnd } from "../core/docker-start.ts";
import { locate } from "./find-program.ts";
import { problemOf, runBounded } from "./run-bounded.ts";

/** The system's choice first. */
const NAMES: readonly FrontEnd[] = ["iptables", "iptables-legacy", "iptables-nft"];
const ANSWER_MS = 5_000;

/**
 * The front-ends of iptables that are installed, and whether the guest's kernel answers them: one account has seen a
 * kernel without nf_tables (docs/PLATFORM-NOTES.md#docker). One that answers ends the search.
 */
export async function findFrontEnds(
  environment: NodeJS.ProcessEnv,
  all: boolean,
): Promise<{ name: FrontEnd; answers: boolean }[]> {
  const found: { name: FrontEnd; answers: boolean }[] = [];
  for (const name of NAMES) {
    const file = locate(name, environment.PATH ?? "");
    if (file === undefined) continue;
    const asked = await runBounded({
      ...{ file, args: ["-t", "nat", "-S"], cwd: "/", environment, account: undefined, boundMs: ANSWER_MS },
    });
    found.push({ name, answers: problemOf(asked) === undefined });
    if (!all && found.at(-1)?.answers) break;
  }
  return found;
}

/** The environment in which `iptables` means this front-end, for a process and what it starts. */
export function withFrontEnd(environment: NodeJS.ProcessEnv, frontEnd: FrontEnd, stateDir: string): NodeJS.ProcessEnv {
  if (frontEnd === "iptables") return environment;
  const directory = join(stateDir, frontEnd);
  mkdirSync(directory, { recursive: true });
  for (const [link, name] of [
    ["iptables", frontEnd],
    ["ip6tables", frontEnd.replace(/^iptables/, "ip6tables")],
  ] as const) {
    const file = locate(name, environment.PATH ?? "");
    if (file === undefined) continue;
    rmSync(join(directory, link), { force: true });
    symlinkSync(file, join(directory, link));
  }
  return { ...environment, PATH: [directory, environment.PATH ?? ""].join(delimiter) };
}
