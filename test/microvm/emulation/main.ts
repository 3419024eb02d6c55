/**
 * Drives the supervisor in a root directory of arm64, which run.sh has made, and fails at the first thing that is not
 * so.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { encodeRunPayload } from "../../../contract/run-payload.ts";
import { dockerfileCommand, dockerfileEnvironment, parseDockerfile } from "../../../lab/runner/dockerfile.ts";
import { layOutRunner } from "../../../lab/runner/runner-directory.ts";
import { type SupervisorProcess, startSupervisor } from "../../../lab/runner/supervisor-process.ts";
import { buildContext } from "../../../src/bundle/build-context.ts";
import { type FakeGitHub, startFakeGitHub } from "../fake-github.ts";

const HOOK_MS = 120_000;
const WAIT_MS = 180_000;
const ACCOUNT = "runner:x:1001:1001::/home/runner:/bin/bash";

const [, , root = ""] = process.argv;
const started = performance.now();
const report = (what: string) => console.log(`${((performance.now() - started) / 1_000).toFixed(1)} s: ${what}`);

/**
 * The root as the Dockerfile makes it, as far as the supervisor can tell: account, runner, supervisor, a hook of the
 * image's own.
 */
async function layOutImage(): Promise<{ command: string[]; environment: Record<string, string> }> {
  const context = await buildContext();
  const instructions = parseDockerfile(context.Dockerfile);
  const command = dockerfileCommand(instructions);
  const [node = "", program = ""] = command;
  await layOutRunner(join(root, "opt/actions-runner"), undefined, { root, node });
  await mkdir(dirname(join(root, program)), { recursive: true });
  await writeFile(join(root, program), context["supervisor.cjs"]);
  await writeFile(join(root, "opt/runner.env"), context["runner.env"]);
  await writeFile(join(root, "opt/hook.sh"), 'echo "hook of uid $(id -u)"\n');
  const passwd = join(root, "etc/passwd");
  if (!(await readFile(passwd, "utf8").catch(() => "")).includes(ACCOUNT)) await appendFile(passwd, `${ACCOUNT}\n`);
  await mkdir(join(root, "home/runner"), { recursive: true });
  await rm(join(root, "opt/actions-runner/orphans"), { force: true });
  execFileSync("chown", ["-R", "1001:1001", join(root, "opt/actions-runner"), join(root, "home/runner")]);
  const environment = {
    ...{
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      ACTIONS_RUNNER_HOOK_JOB_STARTED: "/opt/hook.sh",
      STAND_IN_RUNNER: "litter",
    },
    ...{ ...dockerfileEnvironment(instructions), GHA_DOCKER: "off" },
  };
  return { command, environment };
}

function runBody(github: FakeGitHub): string {
  const jitConfig = {
    ".runner": JSON.stringify({
      AgentId: "7",
      AgentName: "emulated",
      Ephemeral: "True",
      ServerUrlV2: `${github.url}/`,
    }),
    ".credentials": JSON.stringify({ Data: { ClientId: "the-client" } }),
  };
  const runHookPayload = encodeRunPayload({
    ...{ version: 1, launchId: "4711-1", jitConfig, region: "eu-central-1", maxDurationSeconds: 3_600 },
    finish: { url: `${github.url}/finish`, expiresAt: 2_000_000_000, mac: "ab".repeat(32) },
  });
  return JSON.stringify({ microvmId: "microvm-1", runHookPayload });
}

/** Processes below one, as this machine sees them: its namespace's process 1 is the first. */
function descendants(pid: number): { pid: number; state: string; uid: string; command: string }[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, "utf8");
        const field = (key: string) => new RegExp(`^${key}:\\s+(\\S+)`, "m").exec(status)?.[1] ?? "";
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [
          { pid: Number(name), parent: Number(field("PPid")), state: field("State"), uid: field("Uid"), command },
        ];
      } catch {
        return [];
      }
    });
  const below = (parent: number): typeof all =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await pause(250)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`not seen in time: ${what}`);
}

async function warm(supervisor: SupervisorProcess): Promise<void> {
  for (const hook of ["ready", "validate"]) {
    const status = await until(hook, async () => {
      const answer = await supervisor.hook(hook, "", HOOK_MS);
      return answer.status === 503 ? undefined : answer.status;
    });
    assert.equal(status, 200, `${hook}: ${JSON.stringify(supervisor.lines)}`);
    report(`${hook} is answered with 200`);
  }
}

const { command, environment } = await layOutImage();
const github = await startFakeGitHub();
const enter = `mount -t proc proc '${root}/proc' && exec chroot '${root}' "$@"`;
const supervisor = await startSupervisor({
  command: ["unshare", "--pid", "--fork", "--mount", "--kill-child", "sh", "-c", enter, "sh", ...command],
  environment,
});
try {
  const [first] = descendants(supervisor.pid);
  assert.match(first?.command ?? "", /bash -c /, "process 1 is not bash");
  report(`on ${process.arch}: process 1 is bash, the supervisor its child`);
  await warm(supervisor);

  github.offer({ jobId: "4711", name: "build", durationMs: 20_000, result: "success" });
  assert.deepEqual(await supervisor.hook("run", runBody(github), HOOK_MS), { status: 200 });
  await supervisor.waitFor("job.started");
  const listener = descendants(supervisor.pid).find(({ command: line }) => line.includes("Runner.Listener.mjs run"));
  assert.equal(listener?.uid, "1001", "the runner has not the account's uid");
  report("run is answered with 200, the runner has uid 1001");

  await until("twenty orphans", async () => {
    const ended = await readFile(join(root, "opt/actions-runner/orphans"), "utf8").catch(() => "");
    return ended.length === 20 ? true : undefined;
  });
  await until("no zombie", () => (descendants(supervisor.pid).some(({ state }) => state === "Z") ? undefined : true));
  report("twenty orphans ended, and none of them is a zombie");

  assert.equal(await supervisor.exited, 0);
  const log = github.jobLog.join("\n");
  assert.match(log, /hook of uid 1001/);
  assert.match(log, /Runs on MicroVM microvm-1 in eu-central-1/);
  assert.deepEqual(github.completed, [{ jobId: "4711", result: "success" }]);
  assert.equal(github.finishes.length, 1);
  const left = readdirSync(join(root, "opt/actions-runner")).filter(
    (name) => name.startsWith(".runner") || name.startsWith(".cred"),
  );
  assert.deepEqual(left, []);
  report("hooks ran as uid 1001, notes in the job's log, identity gone, finish call accepted, exit 0");
} finally {
  supervisor.kill();
  await github.close();
}
