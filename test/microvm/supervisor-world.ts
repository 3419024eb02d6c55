import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunPayload } from "../../contract/run-payload.ts";
import { encodeRunPayload } from "../../contract/run-payload.ts";
import { layOutRunner } from "../../lab/runner/runner-directory.ts";
import { type SupervisorProcess, startSupervisor } from "../../lab/runner/supervisor-process.ts";
import { bundleSupervisor } from "../../src/bundle/build-context.ts";
import { COVERED_SUPERVISOR, collectCoverage, coverageEnvironment, writeCoverage } from "../support/child-coverage.ts";
import { type FakeGitHub, startFakeGitHub } from "./fake-github.ts";

export interface World {
  readonly github: FakeGitHub;
  /** Everything that the supervisor and its runner write is below it. */
  readonly directory: string;
  readonly runnerDir: string;
  /** `through`: a command that ends by executing what follows it. */
  start(environment?: Record<string, string>, through?: readonly string[]): Promise<SupervisorProcess>;
  payload(change?: Partial<RunPayload>): RunPayload;
  /** The body of `/run`, as the platform sends it. */
  runBody(change?: Partial<RunPayload>): string;
  end(): Promise<void>;
}

let bundle: Promise<string> | undefined;

/** A runner directory, a bundled supervisor and a fake GitHub for one test. */
export async function createWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "supervisor-"));
  const program = join(directory, "supervisor.cjs");
  const runnerDir = join(directory, "actions-runner");
  bundle ??= bundleSupervisor();
  await writeFile(program, await bundle);
  await layOutRunner(runnerDir);
  const github = await startFakeGitHub();
  const started: SupervisorProcess[] = [];

  const payload = (change: Partial<RunPayload> = {}): RunPayload => ({
    version: 1,
    launchId: "4711-1",
    jitConfig: {
      ".runner": JSON.stringify({
        AgentId: "7",
        AgentName: "microvm-4711-1",
        Ephemeral: "True",
        ServerUrlV2: `${github.url}/`,
        WorkFolder: "_work",
      }),
      ".credentials": JSON.stringify({ Scheme: "OAuth", Data: { ClientId: "the-client" } }),
      ".credentials_rsaparams": JSON.stringify({ d: "jit-config-secret" }),
    },
    finish: { url: `${github.url}/finish`, expiresAt: 2_000_000_000, mac: "ab".repeat(32) },
    region: "eu-central-1",
    maxDurationSeconds: 3_600,
    ...change,
  });
  return {
    github,
    directory,
    runnerDir,
    payload,
    runBody: (change) => JSON.stringify({ microvmId: "microvm-1", runHookPayload: encodeRunPayload(payload(change)) }),
    async start(environment = {}, through = []) {
      const supervisor = await startSupervisor({
        command: [...through, process.execPath, ...(COVERED_SUPERVISOR ?? [program])],
        environment: {
          ...coverageEnvironment(),
          PATH: process.env.PATH ?? "",
          GHA_RUNNER_DIR: runnerDir,
          GHA_RUNNER_USER: "(same)",
          GHA_RESTART_SECONDS: "0.05",
          GHA_STATE_DIR: join(directory, "run"),
          GHA_DOCKER: "off",
          ...environment,
        },
      });
      started.push(supervisor);
      return supervisor;
    },
    async end() {
      await Promise.all(started.map(writeCoverage));
      for (const supervisor of started) supervisor.kill();
      await Promise.all(started.map(({ exited }) => exited));
      await collectCoverage(started);
      await github.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
