import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import Handlebars from "handlebars";
import { HOOK_PORT } from "../dispatcher/contract.ts";
import { INSERTION_POINT } from "./insertion-point.ts";
import runnerData from "./runner.json" with { type: "json" };

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
export async function bundleSupervisor(): Promise<string> {
  const result = await build({
    entryPoints: [here("supervisor/main.ts")],
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    legalComments: "none",
    write: false,
  });
  return result.outputFiles[0]?.text ?? "";
}
