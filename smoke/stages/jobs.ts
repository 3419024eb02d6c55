import type { Deployment } from "../../cli/aws/find-deployment.ts";
import { explainJob } from "../../cli/core/explain-job.ts";
import { investigate } from "../../cli/where.ts";
import { createAccountContents } from "../aws/account-contents.ts";
import { overspent } from "../core/estimate.ts";
import type { Kind } from "../core/kinds.ts";
import { type RunJob, readRunJobs } from "../github/read-jobs.ts";
import type { JobNote } from "../journal.ts";
import { labelsOf, type Run, type Stage } from "../run.ts";

/** GitHub and AWS do not answer every call of an hour; so many looks in a row that they do not answer are too many. */
const BLIND_LOOKS = 5;

/** Begins the jobs of all kinds and follows each until it is over, or nothing moves any more. */
export const runJobs: Stage = {
  name: "jobs",
  async carryOut(run) {
    const { world, journal, kinds, signal } = run;
    const { notes, prefix } = journal;
    notes.beginning = true;
    await run.save();
    for (const kind of kinds) {
      if (notes.runs[kind.name] !== undefined) continue;
      notes.runs[kind.name] = await world.begin(kind, labelsOf(prefix));
      await run.save();
    }
    const seen: Seen = new Map();
    let [last, sinceMs, blind] = ["", world.now().getTime(), 0];
    while (true) {
      blind = await look(run, seen).then(
        () => 0,
        (error: unknown) => {
          if (signal.aborted || blind + 1 === BLIND_LOOKS) throw error;
          run.say(`  not seen: ${error instanceof Error ? error.message : String(error)}`);
          return blind + 1;
        },
      );
      const open = openKinds(run);
      if (open.length === 0) return judgeEnds(run);
      const tooMuch = overspent(journal, world.now());
      if (tooMuch !== undefined) return [tooMuch];
      const now = JSON.stringify(notes.jobs.map(({ conclusion, at, launches }) => [conclusion, at, launches]));
      if (now !== last) [last, sinceMs] = [now, world.now().getTime()];
      else if (world.now().getTime() - sinceMs > world.pace.silenceMs) return [...stuck(run), ...judgeEnds(run)];
      await world.sleep(world.pace.lookMs, signal);
    }
  },
};

/** What GitHub said of a job when `where` was last asked, and when that was. */
type Seen = Map<number, { status: string; ms: number }>;
/** `where` is asked of jobs that GitHub says something new of, and of so many others: each asks AWS several things. */
const OTHERS = 3;

/** Looks at all jobs once: at GitHub's word of them, and where the deployment says that they are. */
async function look(run: Run, seen: Seen): Promise<void> {
  const { world, journal, kinds } = run;
  const found: { kind: Kind; job: RunJob }[] = [];
  for (const kind of kinds) {
    const runId = journal.notes.runs[kind.name];
    if (runId === undefined || isOver(journal.notes.jobs, kind)) continue;
    const jobs = await readRunJobs(world.github, journal.repository, runId);
    found.push(...jobs.map((job) => ({ kind, job })));
    const isRunning = jobs.some(({ status }) => status === "in_progress");
    if (kind.cancelled && isRunning) await world.cancel(runId);
  }
  if (found.length === 0) return;
  const deployment = await run.deployment();
  const isOld = ({ job }: { job: RunJob }) => seen.get(job.id)?.status === job.status;
  const others = found.filter(isOld).toSorted((one, other) => msOf(seen, one.job) - msOf(seen, other.job));
  for (const { kind, job } of [...found.filter((each) => !isOld(each)), ...others.slice(0, OTHERS)]) {
    await follow(run, deployment, kind, job);
    seen.set(job.id, { status: job.status, ms: world.now().getTime() });
  }
  await run.save();
}

const msOf = (seen: Seen, { id }: RunJob) => seen.get(id)?.ms ?? 0;

/** Whether all jobs of a kind are known, and over. */
function isOver(notes: readonly JobNote[], kind: Kind): boolean {
  const own = notes.filter((note) => note.kind === kind.name);
  return own.length >= kind.jobs && own.every(({ conclusion }) => conclusion !== undefined);
}

export function openKinds({ journal, kinds }: Run): Kind[] {
  return kinds.filter((kind) => !isOver(journal.notes.jobs, kind));
}

async function follow(run: Run, deployment: Deployment, kind: Kind, job: RunJob): Promise<void> {
  const { world, journal, aws } = run;
  const before = journal.notes.jobs.find(({ jobId }) => jobId === job.id);
  if (before?.conclusion !== undefined) return;
  const note: JobNote = before ?? { kind: kind.name, jobId: job.id, where: "", at: {}, launches: [] };
  if (before === undefined) journal.notes.jobs.push(note);
  const options = { aws, deployment, githubToken: world.githubToken };
  const { queuedMs, takenMs, firstStepMs, endedMs } = job;
  note.at = {
    ...note.at,
    queued: queuedMs,
    ...(takenMs === undefined ? {} : { "job taken": takenMs }),
    ...(firstStepMs === undefined ? {} : { "first step": firstStepMs }),
    ...(endedMs === undefined ? {} : { ended: endedMs }),
  };
  const evidence = await investigate(options, { jobId: job.id, repository: journal.repository });
  note.where = explainJob(evidence, world.now()).text;
  const launched = evidence.launch?.launch;
  if (launched?.microvmId !== undefined) note.microvmId = launched.microvmId;
  if (launched?.launchedAt !== undefined) note.at.launched = Date.parse(launched.launchedAt);
  note.launches = (evidence.record?.launches ?? []).flatMap(({ launchedAt, endedAt }) =>
    launchedAt === undefined ? [] : [{ launchedAt, ...(endedAt === undefined ? {} : { endedAt }) }],
  );
  if (job.status === "completed") note.conclusion = job.conclusion ?? "unknown";
}

function stuck({ journal, kinds }: Run): string[] {
  const open = journal.notes.jobs.filter(({ conclusion }) => conclusion === undefined);
  const missing = kinds.filter(
    ({ name, jobs }) => journal.notes.jobs.filter(({ kind }) => kind === name).length < jobs,
  );
  return [
    ...open.map(({ kind, jobId, at, where }) => {
      const how = at["job taken"] === undefined ? "never started" : "did not end";
      return `${kind}: job ${jobId} ${how}: ${where}`;
    }),
    ...missing.map(({ name }) => `${name}: GitHub shows no run or not all of its jobs`),
  ];
}

function judgeEnds({ journal, kinds }: Run): string[] {
  return journal.notes.jobs.flatMap(({ kind: name, jobId, conclusion }) => {
    const wanted = kinds.find((kind) => kind.name === name)?.conclusion;
    if (conclusion === undefined || conclusion === wanted) return [];
    return [`${name}: job ${jobId} ended in ${conclusion}, not ${wanted}`];
  });
}

/** Ends what still runs, waits until no MicroVM does, and names and ends those that stay. */
export const endMicrovms: Stage = {
  name: "no MicroVM left",
  cleans: true,
  async carryOut(run) {
    const { world, journal, signal } = run;
    if (!journal.notes.applying) return [];
    if (journal.notes.beginning) {
      await world.cancelRest().catch((error: unknown) => run.say(`  jobs were not cancelled: ${String(error)}`));
    }
    const contents = createAccountContents(run);
    const startedMs = world.now().getTime();
    let left = await contents.microvms();
    while (left.length > 0 && world.now().getTime() - startedMs < world.pace.silenceMs) {
      await world.sleep(world.pace.lookMs, signal);
      left = await contents.microvms();
    }
    for (const id of left) await contents.terminate(id);
    return left.map((id) => `MicroVM ${id} was left running, and was ended`);
  },
};
