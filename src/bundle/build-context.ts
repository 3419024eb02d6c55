import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Handlebars from "handlebars";
import { HOOK_PORT } from "../../contract/hooks.ts";
import { printRunnerEnv, RUNNER_ENV_FILE } from "../../contract/runner-env.ts";
import runnerData from "../../microvm/runner.json" with { type: "json" };
import { INSERTION_POINT } from "../interface/build-files.ts";
import { bundleScript } from "./bundle-script.ts";
import { PROJECT_ROOT } from "./project-root.ts";

/** What the supervisor is bundled from. */
export const SUPERVISOR_ENTRY = "microvm/supervisor/main.ts";

/**
 * The files of the image's build context by name: what the code artifact holds at its root. The same bytes every time.
 */
export async function buildContext(): Promise<{ Dockerfile: string; "runner.env": string; "supervisor.cjs": string }> {
  const { version, sha256 } = runnerData.runner;
  return {
    Dockerfile: await renderDockerfile(),
    [RUNNER_ENV_FILE]: printRunnerEnv({ RUNNER_VERSION: version, RUNNER_SHA256: sha256 }),
    "supervisor.cjs": await bundleSupervisor(),
  };
}

/** The Dockerfile, from its template and `runner.json`. */
export async function renderDockerfile(): Promise<string> {
  const source = await readFile(join(PROJECT_ROOT, "microvm/Dockerfile.hbs"), "utf8");
  const template = Handlebars.compile(source, { noEscape: true, strict: true });
  return template({ ...runnerData, hookPort: HOOK_PORT, insertionPoint: INSERTION_POINT });
}

/** The supervisor as one CommonJS file for the Node that the Actions runner ships. */
export function bundleSupervisor(): Promise<string> {
  return bundleScript(SUPERVISOR_ENTRY);
}
