import { describe, expect, it } from "vitest";
import type { JobRecord, Launch } from "../../../dispatcher/core/job.ts";
import type { DispatcherDeps } from "../../../dispatcher/flows/deps.ts";
import { playScenario } from "../../../lab/world/play-scenario.ts";
import { STORIES } from "../../../lab/world/stories.ts";

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
];

describe("without", () => {
  it.each(MECHANISMS)("%s a story is not kept: %s", { timeout: 300_000 }, async (_, name, alter) => {
    const story = STORIES.find((each) => each.name === name);
    if (story === undefined) throw new Error(`there is no story ${name}`);
    const { violations } = await playScenario({ ...story, options: { ...story.options, alter } });
    expect(violations).not.toEqual([]);
  });
});
