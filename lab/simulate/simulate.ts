/**
 * `npx projen simulate`: applies `examples/github-app` with Terraform to a simulated account and GitHub, runs queued jobs
 * through it, and prints their way and what is left in the end. Exit code 0 only when every job is done and nothing is.
 * `--jobs N` queues more than one, `--faults` lets something go wrong on the way of each; `--svg FILE` draws the first job's.
 * `--outage NAME` is a fire drill instead: hours of an outage in virtual time, and which of the applied alarms go off when;
 * `--outage list` names them. `--day` is a day without one, of which `--svg FILE` draws the dashboard.
 */
import { writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import type { Job } from "../github/jobs.ts";
import { type Lab, startLab } from "../lab.ts";
import { requireVersion, TerraformMissingError, TerraformTooOldError } from "../terraform/find-terraform.ts";
import { terraformVersion } from "../terraform/run-terraform.ts";
import { drawDay } from "./day.ts";
import { DETOURS, type Detour, detourSentences, detoursSeen, NO_DETOUR } from "./detours.ts";
import { drawTimeline } from "./draw-timeline.ts";
import { legend } from "./legend.ts";
import { findOutage, listOutages, runOutage } from "./outage.ts";
import { printTable } from "./print-table.ts";
import { showProgress } from "./progress.ts";
import { HELP, readOptions, UsageError } from "./read-options.ts";
import { leftoversOf, timelineOf } from "./timeline.ts";
import { untilSilent } from "./until-silent.ts";

const LABELS = ["self-hosted", "linux", "arm64", "microvm"];
/**
 * Minutes in the queue pass so many times as fast here as in AWS: delays, and the return of what a dead worker held.
 */
const DELAY_SPEED = 30;
const VISIBILITY_SPEED = 6;
/** The longest waits, a message's 15 minutes and what a dead worker held, take 30 s each at these speeds. */
const SILENCE_MS = 120_000;

const started = performance.now();

interface Run {
  job: Job;
  detour: Detour;
}

function say(text: string): void {
  const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5);
  console.log(`${seconds} s  ${text}`);
}

/** Ends what runs, when Ctrl-C comes; undefined while nothing does. */
let stopLab: (() => Promise<void>) | undefined;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    console.log(HELP);
    return 0;
  }
  if (options.outage === "list") {
    console.log(listOutages());
    return 0;
  }
  if (options.outage !== undefined) return runOutage(findOutage(options.outage), say);
  if (options.day) {
    const picture = await drawDay(say);
    if (options.svg !== undefined) await writeFile(options.svg, picture);
    return 0;
  }
  requireVersion(await terraformVersion());
  const lab = await startLab({
    delaySpeed: DELAY_SPEED,
    visibilitySpeed: VISIBILITY_SPEED,
    guests: { docker: true },
  });
  stopLab = () => lab.stop();
  try {
    await lab.terraform.init();
    say("terraform init");
    await lab.terraform.apply();
    const resources = (await lab.terraform.resources()).filter(({ mode }) => mode === "managed");
    say(`terraform apply: ${resources.length} resources of examples/github-app`);
    const url = (await lab.terraform.outputs()).webhook_payload_url?.value;
    const runs = await queueJobs(lab, options);
    say(`${runs.length === 1 ? `job ${runs[0]?.job.id}` : `${runs.length} jobs`} queued; GitHub delivers to ${url}`);
    const endProgress = showProgress(() => runs.flatMap(({ job }) => lab.github.job(job.id) ?? []), process.stdout);
    const settled = await untilSilent(
      () => leftoversOf(lab).length === 0 && runs.every(({ job }) => isDone(lab, job)),
      progressOf(lab),
      { silenceMs: SILENCE_MS },
    ).finally(endProgress);
    if (!settled) say(`gave up waiting: nothing happened for ${SILENCE_MS / 1_000} s`);
    console.log(
      `\nThe order is real, the times are not: what runs here are stand-ins.\n\n${runs.length === 1 ? wayOf(lab, runs) : overviewOf(lab, runs)}\n`,
    );
    if (options.faults) console.log(`${detourSentences(runs.map(({ detour }) => detour))}\n\n${legend()}\n`);
    const [first] = runs;
    if (options.svg !== undefined && first) {
      await writeFile(
        options.svg,
        drawTimeline("npx projen simulate: one job, from queued to gone", timelineOf(lab, first.job)),
      );
    }
    const left = leftoversOf(lab);
    if (settled) console.log("Left: no MicroVM, no registration, empty queue.");
    else console.log(`Not over: ${left.join("; ")}.`);
    lab.github.assertFaithful();
    await lab.terraform.destroy();
    say("terraform destroy");
    if (!settled) explain(lab);
    return settled ? 0 : 1;
  } finally {
    stopLab = undefined;
    await lab.stop();
  }
}

async function queueJobs(lab: Lab, { jobs, faults }: { jobs: number; faults: boolean }): Promise<Run[]> {
  const runs: Run[] = [];
  for (let index = 0; index < jobs; index++) {
    const detour = (faults ? DETOURS[(index + 1) % DETOURS.length] : undefined) ?? NO_DETOUR;
    detour.before?.(lab);
    const job = lab.github.queueJob({ repository: "my-org/shop", labels: LABELS, durationMs: 1_500 });
    detour.after?.(lab, job);
    runs.push({ job, detour });
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return runs;
}

// Over on GitHub, and followed by the dispatcher until nothing of it was left.
function isDone(lab: Lab, { id }: Job): boolean {
  return lab.github.job(id)?.status === "completed";
}

// Messages that only go round are none: of what is left the least that there was counts.
function progressOf(lab: Lab): () => string {
  let least = Number.POSITIVE_INFINITY;
  return () => {
    const { queues } = lab.aws.leftovers();
    const messages = queues.reduce((sum, { visible, delayed, inFlight }) => sum + visible + delayed + inFlight, 0);
    least = Math.min(least, messages);
    const states = lab.aws.events.all().filter(({ kind }) => kind === "microvm.state").length;
    const statuses = lab.github.leftovers().jobs.map(({ id, status }) => `${id} ${status}`);
    return [states, least, ...statuses].join();
  };
}

function wayOf(lab: Lab, runs: Run[]): string {
  const steps = runs.flatMap(({ job }) => timelineOf(lab, job));
  const begin = steps[0]?.at ?? 0;
  let before = begin;
  const rows = steps.map(({ name, at }) => {
    const step = at === undefined ? "" : `+${((at - before) / 1_000).toFixed(2)}`;
    before = at ?? before;
    return [name, at === undefined ? "never" : `${((at - begin) / 1_000).toFixed(2)} s`, step];
  });
  return printTable(["Step", ">At", ">After"], rows);
}

function overviewOf(lab: Lab, runs: Run[]): string {
  const rows = runs.map(({ job, detour }) => {
    const { conclusion } = lab.github.job(job.id) ?? {};
    const times = new Map(timelineOf(lab, job).map(({ name, at }) => [name, at]));
    const queued = times.get("job queued on GitHub") ?? 0;
    const since = (name: string) => {
      const at = times.get(name);
      return at === undefined ? "-" : `${((at - queued) / 1_000).toFixed(1)} s`;
    };
    const launches = lab.aws.microvms
      .machines()
      .filter(({ request }) => request.clientToken?.includes(`-${job.id}-`)).length;
    return [
      String(job.id),
      detour.name,
      String(launches),
      since("job started"),
      since("job completed"),
      conclusion ?? "not over",
      detoursSeen(lab, job),
    ];
  });
  return printTable(["Job", "What goes wrong", ">MicroVMs", ">Started", ">Over", "Conclusion", "On the way"], rows);
}

function explain(lab: Lab): void {
  for (const group of lab.aws.logs.names()) {
    for (const { message } of lab.aws.logs.read(group)) console.error(`${group}: ${message.trim()}`);
  }
}

/** How long everything may take to end after Ctrl-C. */
const GRACE_MS = 5_000;

async function interrupt(): Promise<void> {
  console.error("\nsimulate: stopping");
  const timer = setTimeout(() => process.exit(130), GRACE_MS);
  // What ends in the middle may complain; whoever pressed Ctrl-C knows why.
  await stopLab?.().catch(() => undefined);
  clearTimeout(timer);
  process.exit(130);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void interrupt());

const EXPECTED = [UsageError, TerraformMissingError, TerraformTooOldError];

try {
  process.exitCode = await main();
} catch (error: unknown) {
  if (!(error instanceof Error) || !EXPECTED.some((type) => error instanceof type)) throw error;
  console.error(`simulate: ${error.message}`);
  process.exitCode = 2;
}
