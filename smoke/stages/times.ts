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
    return unseen(journal.notes.jobs).map(
      ({ kind, jobId, missing }) => `${kind}: nobody tells when job ${jobId} was ${missing}`,
    );
  },
};

/** Of jobs that ran, the steps that each has. */
function unseen(jobs: readonly JobNote[]): { kind: string; jobId: number; missing: string }[] {
  const wanted = ["delivered", "launched", "MicroVM running", "listener up", "MicroVM gone"] as const;
  return jobs.flatMap(({ kind, jobId, at }) => {
    const missing = at["job taken"] === undefined ? [] : wanted.filter((step) => at[step] === undefined);
    return missing.length === 0 ? [] : [{ kind, jobId, missing: missing.join(", ") }];
  });
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
  const lines = [`fields @timestamp, ${fields}`, `filter event = "${event}"`, `limit ${LIMIT}`];
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
