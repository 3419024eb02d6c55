import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Handlebars from "handlebars";
import { HOOK_PORT } from "../contract/hooks.ts";
import { bundleScript } from "../src/bundle/bundle-script.ts";
import { INSERTION_POINT } from "./insertion-point.ts";
import runnerData from "./runner.json" with { type: "json" };

/** What the supervisor is bundled from. */
export const SUPERVISOR_ENTRY = "microvm/supervisor/main.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The files of the image's build context by name: what the code artifact holds at its root. The same bytes every time. */
export async function buildContext(): Promise<{ Dockerfile: string; "supervisor.cjs": string }> {
  return { Dockerfile: await renderDockerfile(), "supervisor.cjs": await bundleSupervisor() };
}

/** The Dockerfile, from its template and `runner.json`. */
export async function renderDockerfile(): Promise<string> {
  const template = Handlebars.compile(await readFile(here("Dockerfile.hbs"), "utf8"), { noEscape: true, strict: true });
  return template({ ...runnerData, hookPort: HOOK_PORT, insertionPoint: INSERTION_POINT });
}

/** The supervisor as one CommonJS file for the Node that the Actions runner ships. */
export function bundleSupervisor(): Promise<string> {
  return bundleScript(SUPERVISOR_ENTRY);
}
