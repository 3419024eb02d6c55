import { LAUNCH_ENDED, logEvent } from "../../contract/events.ts";
import { type JobRecord, type Launch, launchIdOf, launchOf, nextVersion, released, withLaunch } from "../core/job.ts";
import { outcomeOf } from "../core/relaunch.ts";
import type { RunnerPlace } from "../core/views.ts";
import { DispatcherError, RecordChangedError, TransientError } from "../errors.ts";
import { classNameOf, classOfLaunch } from "./class-of-launch.ts";
import type { DispatcherDeps, FlowContext } from "./deps.ts";
import { placeOfRunner } from "./runner-place.ts";
import { givePlaceBack } from "./take-place.ts";

/**
 * What a change does when another writer was faster: `reread` takes over what that one wrote and changes nothing,
 * `retry` changes that instead, `defer` throws a RecordChangedError, because what was decided may not hold any more.
 */
export type OnConflict = "reread" | "retry" | "defer";

const MAX_TRIES = 10;

/** One job's record in the hands of one flow: the only way in which records are written. */
export class JobSession {
  readonly deps: DispatcherDeps;
  readonly context: FlowContext;
  readonly jobId: number;
  /** The record as it was last read or written; undefined when there is none. */
  found: JobRecord | undefined;

  private constructor(deps: DispatcherDeps, context: FlowContext, jobId: number, found: JobRecord | undefined) {
    this.deps = deps;
    this.context = context;
    this.jobId = jobId;
    this.found = found;
  }

  /** Reads the job's record. */
  static async open(deps: DispatcherDeps, context: FlowContext, jobId: number): Promise<JobSession> {
    return new JobSession(deps, context, jobId, await deps.jobs.get(jobId));
  }

  /** The record, which is there; throws a TransientError otherwise. */
  get record(): JobRecord {
    if (this.found === undefined) throw new TransientError("the job's record vanished", this.details);
    return this.found;
  }

  /** The launch of that number, which is there; throws a TransientError otherwise. */
  launch(number: number): Launch {
    const launch = launchOf(this.record, number);
    if (launch === undefined) throw new TransientError("the job's record has no such launch", this.details);
    return launch;
  }

  /** Writes what a planner made of the record; after a conflict the session holds what another writer made of it. */
  async apply(planned: JobRecord): Promise<boolean> {
    const next = nextVersion(planned);
    const written = await this.deps.jobs.put(next);
    this.found = written ? next : await this.deps.jobs.get(this.jobId);
    return written;
  }

  /** Writes what `change` makes of the record; nothing is written when it returns what it was given. */
  async change(
    change: (record: JobRecord) => JobRecord,
    { onConflict }: { onConflict: OnConflict },
  ): Promise<"changed" | "unchanged" | "conflict"> {
    for (let count = 0; count < MAX_TRIES && this.found !== undefined; count++) {
      const changed = change(this.found);
      if (changed === this.found) return "unchanged";
      if (await this.apply(changed)) return "changed";
      if (onConflict === "reread") return "conflict";
      if (onConflict === "defer") break;
    }
    if (this.found === undefined) return "unchanged";
    throw new RecordChangedError("the job's record was changed by another worker", this.details);
  }

  /** {@link change} of one launch. */
  changeLaunch(number: number, change: (launch: Launch) => Launch, options: { onConflict: OnConflict }) {
    return this.change((record) => withLaunch(record, number, change), options);
  }

  /** Gives the lease of this attempt back, if it holds it. */
  release() {
    return this.change((record) => released(record, this.context.holder), { onConflict: "reread" });
  }

  /**
   * Ends a launch whose runner must not take a job any more, or has: removes the registration first, and terminates the
   * MicroVM only if GitHub let it go, so a runner that was given a job in this very moment keeps its MicroVM. A `dead`
   * MicroVM runs nothing: its launch ends whatever GitHub says, and a registration that it keeps is left for later.
   */
  async end(
    number: number,
    reason: string,
    { dead = false, diedAt }: { dead?: boolean; diedAt?: Date | undefined } = {},
  ): Promise<"ended" | "busy" | "changed"> {
    const removed = await this.removeRunner(number).catch((error: unknown) => {
      if (dead && error instanceof DispatcherError) return "unknown";
      throw error;
    });
    if (removed === "busy" && !dead) {
      this.context.log.info("launch.busy", { launchId: launchIdOf(this.jobId, number) });
      return "busy";
    }
    return this.terminate(number, reason, { runnerLeft: removed !== "removed", diedAt });
  }

  /** Removes the registration of a launch's runner, unless it is running a job. */
  async removeRunner(number: number): Promise<"removed" | "busy"> {
    const launch = this.launch(number);
    const github = await this.deps.github();
    const where = this.placeOfRunner(launch);
    const runnerId = launch.runnerId ?? (await github.findRunner(where, launch.runnerName))?.id;
    return runnerId === undefined ? "removed" : github.removeRunner(where, runnerId);
  }

  /**
   * Terminates a launch's MicroVM, unless it died before, and records the end; for a launch whose runner is known to be
   * done.
   */
  async terminate(
    number: number,
    reason: string,
    { runnerLeft = false, diedAt }: { runnerLeft?: boolean; diedAt?: Date | undefined } = {},
  ): Promise<"ended" | "changed"> {
    const { deps, context } = this;
    const launch = this.launch(number);
    const { microvmId, launchedAt } = launch;
    if (microvmId !== undefined) await deps.microvms.terminate(microvmId);
    const endedAt = deps.clock.now();
    const ended = withLaunch(released(this.record, context.holder), number, ({ runInput: _, ...old }) => ({
      ...old,
      state: "ended",
      endedAt: endedAt.toISOString(),
      endReason: reason,
      ...(runnerLeft ? { runnerLeft: true } : {}),
    }));
    if (!(await this.apply(ended))) return "changed";
    await this.releasePlace(number);
    const until = Math.min(endedAt.getTime(), diedAt?.getTime() ?? Number.POSITIVE_INFINITY);
    const seconds = launchedAt ? Math.max(0, until - new Date(launchedAt).getTime()) / 1_000 : 0;
    const launchId = launchIdOf(this.jobId, number);
    const outcome = outcomeOf(this.launch(number), seconds, await this.longestLife(launch));
    const { repository: repo, workflow } = this.record;
    const memoryMib = launch.image === undefined ? deps.environment.MEMORY_MIB : undefined;
    const fields = { launchId, outcome, reason, seconds, class: classNameOf(launch), repo, workflow, memoryMib };
    logEvent(context.log, LAUNCH_ENDED, fields, { microvmId: microvmId ?? null });
    return "ended";
  }

  // What a class allows may not be readable in this moment: then it is what all may last.
  private async longestLife(launch: Launch): Promise<number> {
    const { deps } = this;
    const own = launch.class === undefined ? undefined : await classOfLaunch(deps, launch).catch(() => undefined);
    return own?.maxDurationSeconds ?? deps.environment.MAX_DURATION_SECONDS;
  }

  /** Gives back the place of a launch among those that may run. */
  async releasePlace(number: number): Promise<void> {
    const place = { launchId: launchIdOf(this.jobId, number), repository: this.record.repository };
    await givePlaceBack(this, place, this.found && launchOf(this.found, number)?.class);
  }

  /** Where the runner of a launch is registered. */
  placeOfRunner(launch: Launch): RunnerPlace {
    return placeOfRunner(this.deps, this.record, launch);
  }

  private get details() {
    return { details: { jobId: this.jobId } };
  }
}
