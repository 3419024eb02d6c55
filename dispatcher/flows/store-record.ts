import { type JobRecord, nextVersion } from "../core/job.ts";
import type { DispatcherDeps } from "./deps.ts";

/** Writes the record one version on; returns it, or what another writer made of it meanwhile. */
export async function storeRecord(deps: DispatcherDeps, record: JobRecord): Promise<JobRecord | undefined> {
  const next = nextVersion(record);
  return (await deps.jobs.put(next)) ? next : deps.jobs.get(record.jobId);
}
