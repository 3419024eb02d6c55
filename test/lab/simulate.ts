/**
 * `npx projen simulate`: applies `examples/github-app` with Terraform to a simulated account and GitHub, runs one queued job
 * through it, and prints the job's way and what is left in the end. Exit code 0 only when the job is done and nothing is.
 */
import { performance } from "node:perf_hooks";
import { type Lab, startLab } from "./lab.ts";
import { TerraformMissingError } from "./terraform/terraform.ts";
import { leftoversOf, type Step, timelineOf } from "./timeline.ts";

const LABELS = ["self-hosted", "linux", "arm64", "microvm"];
/** The queue's delays, minutes long in AWS, pass so many times as fast here. */
const DELAY_SPEED = 30;
const PATIENCE_MS = 60_000;

const started = performance.now();

function say(text: string): void {
  const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5);
  console.log(`${seconds} s  ${text}`);
}

async function main(): Promise<number> {
  const lab = await startLab({ delaySpeed: DELAY_SPEED });
  try {
    await lab.terraform.init();
    say("terraform init");
    await lab.terraform.apply();
    const resources = (await lab.terraform.resources()).filter(({ mode }) => mode === "managed");
    say(`terraform apply: ${resources.length} resources of examples/github-app`);
    const url = (await lab.terraform.outputs()).webhook_payload_url?.value;
    const job = lab.github.queueJob({ repository: "my-org/shop", labels: LABELS, durationMs: 1_500 });
    say(`job ${job.id} queued; GitHub sends its delivery to ${url}`);
    const settled = await until(() => leftoversOf(lab).length === 0 && timelineOf(lab, job).every(isDone));
    console.log(`\n${table(timelineOf(lab, job))}\n`);
    const left = leftoversOf(lab);
    console.log(left.length === 0 ? "Left: no MicroVM, no registration, empty queue." : `Left: ${left.join("; ")}.`);
    lab.github.assertFaithful();
    await lab.terraform.destroy();
    say("terraform destroy");
    if (!settled) explain(lab);
    return settled ? 0 : 1;
  } finally {
    await lab.stop();
  }
}

function isDone(step: Step): boolean {
  return step.at !== undefined;
}

async function until(condition: () => boolean): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return condition();
}

function table(steps: Step[]): string {
  const begin = steps[0]?.at ?? 0;
  let before = begin;
  const rows = steps.map(({ name, at }) => {
    const step = at === undefined ? "" : `+${((at - before) / 1_000).toFixed(2)}`;
    before = at ?? before;
    return [name, at === undefined ? "never" : `${((at - begin) / 1_000).toFixed(2)} s`, step];
  });
  const lines = [["Step", "At", "After"], ...rows];
  return lines
    .map(([name = "", at = "", step = ""]) => `${name.padEnd(28)}${at.padStart(8)}${step.padStart(9)}`)
    .join("\n");
}

function explain(lab: Lab): void {
  for (const group of lab.aws.logs.names()) {
    for (const { message } of lab.aws.logs.read(group)) console.error(`${group}: ${message.trim()}`);
  }
}

try {
  process.exitCode = await main();
} catch (error: unknown) {
  if (!(error instanceof TerraformMissingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
