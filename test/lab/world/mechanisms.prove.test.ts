import { describe, expect, it } from "vitest";
import { decodeRunPayload, encodeRunPayload } from "../../../contract/run-payload.ts";
import { NOBODY_WAITS } from "../../../dispatcher/core/fair-places.ts";
import type { JobRecord, Launch } from "../../../dispatcher/core/job.ts";
import { finishMac } from "../../../dispatcher/core/signature.ts";
import { NotFoundError, TransientError } from "../../../dispatcher/errors.ts";
import type { DispatcherDeps } from "../../../dispatcher/flows/deps.ts";
import { playScenario } from "../../../lab/world/play-scenario.ts";
import { CHAINS, STORIES } from "../../../lab/world/stories.ts";

type Alter = (deps: DispatcherDeps) => DispatcherDeps;

// A port of the world is a proxy: its operations must be taken one by one.
const reading =
  (change: (record: JobRecord) => JobRecord): Alter =>
  (deps) => {
    const get = async (jobId: number) => {
      const record = await deps.jobs.get(jobId);
      return record && change(record);
    };
    return { ...deps, jobs: { get, put: (record) => deps.jobs.put(record) } };
  };
const launches = (change: (launch: Launch) => Launch) =>
  reading((record) => ({ ...record, launches: record.launches.map(change) }));

/** Each mechanism that keeps a job or frees a place over hours, the world without it, and the story that misses it. */
const MECHANISMS: [string, string, Alter][] = [
  [
    "the knowledge whether GitHub gives jobs at all",
    "GitHub gives nothing out for 3 h to 20 jobs",
    (deps) => ({ ...deps, deployment: { read: () => deps.deployment.read(), update: () => deps.deployment.read() } }),
  ],
  [
    "the waits after a runner that got nothing",
    "GitHub gives nothing out for 3 h to 1 jobs",
    launches((launch) => (launch.state === "ended" ? { ...launch, endReason: "job completed" } : launch)),
  ],
  [
    "the place that a refused launch gives back",
    "3 jobs of a repository that is refused (RefusedError) beside one job, with 3 places",
    (deps) => ({
      ...deps,
      capacity: {
        acquire: (launch, bounds) => deps.capacity.acquire(launch, bounds),
        holders: () => deps.capacity.holders(),
        release: async () => undefined,
      },
    }),
  ],
  [
    "the fresh start of a job that GitHub queues anew",
    "a job whose MicroVMs die for 4 hours, that is held back and queued anew, and of which one more dies",
    reading(({ freshFrom: _, ...record }) => record),
  ],
  [
    "the repeat of a look at which GitHub did not know the job",
    "a job that GitHub does not know for some minutes after its MicroVM died",
    reading((record) => (record.goneAt === undefined ? record : { ...record, goneLooks: 5 })),
  ],
  [
    "the finish call that is enough where GitHub refuses",
    "a repository that is lost while its job runs, and another's job that waits for its place",
    (deps) => ({
      ...deps,
      github: async () => {
        const { registerRunner, findRunner, getJob, getRunOrigin, removeRunner } = await deps.github();
        return {
          ...{ registerRunner, findRunner, getJob, getRunOrigin },
          removeRunner: (where, id) =>
            removeRunner(where, id).catch((error: unknown) => {
              throw error instanceof NotFoundError ? new TransientError("no answer") : error;
            }),
        };
      },
    }),
  ],
  [
    "the chain of swaps that is followed to its end",
    "a chain of swaps among 100 jobs, seed 5",
    (deps) => {
      const seen = new Set<number>();
      const get = async (jobId: number) => {
        const record = await deps.jobs.get(jobId);
        if (record === undefined || seen.add(jobId).size <= 20) return record;
        // What lies further on is never found out, and counts as a runner that is to come.
        const claimed = { state: "claimed" as const, runnerName: "beyond", claimedAt: deps.clock.now().toISOString() };
        return { ...record, launches: [...record.launches, { number: 1_000, ...claimed }] };
      };
      return { ...deps, jobs: { get, put: (record) => deps.jobs.put(record) } };
    },
  ],
  [
    "a finish call that is good for as long as its launch may wait",
    "a quota that is used up for 3 hours, whose finish calls are taken all the same",
    (deps) => ({
      ...deps,
      microvms: {
        get: (microvmId) => deps.microvms.get(microvmId),
        terminate: (microvmId) => deps.microvms.terminate(microvmId),
        run: async (input) => {
          const payload = decodeRunPayload(input.runHookPayload);
          const secret = (await deps.secret()).webhook_secrets[0] ?? "";
          const expiresAt = payload.finish.expiresAt - 24 * 3_600;
          const finish = { ...payload.finish, expiresAt, mac: finishMac(secret, payload.launchId, expiresAt) };
          return deps.microvms.run({ ...input, runHookPayload: encodeRunPayload({ ...payload, finish }) });
        },
      },
    }),
  ],
  [
    "the knowledge who waits for a place",
    "three jobs behind a crowd of another repository, with 2 places",
    (deps) => ({ ...deps, placesQueue: { read: async () => NOBODY_WAITS, update: async () => NOBODY_WAITS } }),
  ],
];

describe("without", () => {
  it.each(MECHANISMS)("%s a story is not kept: %s", { timeout: 300_000 }, async (_, name, alter) => {
    const story = [...STORIES, ...CHAINS].find((each) => each.name === name);
    if (story === undefined) throw new Error(`there is no story ${name}`);
    const { violations } = await playScenario({ ...story, options: { ...story.options, alter } });
    expect(violations).not.toEqual([]);
  });
});
