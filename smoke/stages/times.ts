import { createAskLogs } from "../../cli/aws/logs-insights.ts";
import { functionName } from "../../contract/names.ts";
import { DispatcherError } from "../../dispatcher/errors.ts";
import type { JobNote } from "../journal.ts";
import type { Run, Stage } from "../run.ts";

/** Logs can be asked a while after they were written: so many looks, `lookMs` apart. */
const LOOKS = 20;
/** More lines than a run writes of one event. */
const LIMIT = 1_000;

/** Reads from CloudWatch and the service what GitHub does not tell of the jobs' way. */
export const readTimes: Stage = {
  name: "times",
  async carryOut(run) {
    const { world, journal, signal } = run;
    for (let look = 1; look <= LOOKS; look++) {
      await readOnce(run);
      if (unseen(journal.notes.jobs).length === 0) break;
      await world.sleep(world.pace.lookMs, signal);
    }
    await run.save();
    const ran = journal.notes.jobs.filter(({ at }) => at["job taken"] !== undefined);
    // A line of a log may be lost; a step of which nothing is ever heard is a fault.
    const never = READ.filter((step) => ran.length > 0 && ran.every(({ at }) => at[step] === undefined));
    return never.map((step) => `nobody tells of any job when it was ${step}`);
  },
};

const READ = ["delivered", "launched", "MicroVM running", "listener up", "MicroVM gone"] as const;

/** Jobs that ran, and of which a step is not told. */
function unseen(jobs: readonly JobNote[]): JobNote[] {
  return jobs.filter(({ at }) => at["job taken"] !== undefined && READ.some((step) => at[step] === undefined));
}

async function readOnce(run: Run): Promise<void> {
  const { aws, journal } = run;
  const { settings } = await run.deployment();
  const webhook = `/aws/lambda/${functionName(journal.prefix, "webhook")}`;
  for (const row of await ask(run, webhook, "delivery.queued", "type, jobId")) {
    const job = journal.notes.jobs.find(({ jobId }) => String(jobId) === row.jobId);
    if (row.type === "launch" && job !== undefined) job.at.delivered ??= momentOf(row);
  }
  for (const row of await ask(run, settings.LOG_GROUP, "runner.ready", "@logStream")) {
    const stream = row["@logStream"] ?? "";
    const job = journal.notes.jobs.find(({ microvmId }) => microvmId !== undefined && stream.includes(microvmId));
    if (job !== undefined) job.at["listener up"] ??= momentOf(row);
  }
  for (const job of journal.notes.jobs) {
    if (job.microvmId === undefined || job.at["MicroVM gone"] !== undefined) continue;
    const microvm = await aws.microvm(job.microvmId);
    if (microvm?.startedAt !== undefined) job.at["MicroVM running"] = microvm.startedAt.getTime();
    if (microvm?.terminatedAt !== undefined) job.at["MicroVM gone"] = microvm.terminatedAt.getTime();
  }
}

async function ask(
  { world, journal }: Run,
  logGroup: string,
  event: string,
  fields: string,
): Promise<Readonly<Record<string, string>>[]> {
  const lines = [`fields @timestamp, ${fields}`, `filter event = "${event}"`, "sort @timestamp asc", `limit ${LIMIT}`];
  const from = new Date(journal.startedAt);
  try {
    return await createAskLogs(world.access, world.environment)({ logGroup, lines, from, until: world.now() });
  } catch (error: unknown) {
    if (!(error instanceof DispatcherError)) throw error;
    return [];
  }
}

/** Logs Insights writes a moment of UTC as `2026-11-27 18:33:14.123`. */
function momentOf({ "@timestamp": text = "" }: Readonly<Record<string, string>>): number {
  return Date.parse(text.includes("T") ? text : `${text.replace(" ", "T")}Z`);
}
