import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueueMessage } from "../../../contract/messages.ts";
import type { JobRecord } from "../../../dispatcher/core/job.ts";
import type { DispatcherDeps } from "../../../dispatcher/flows/deps.ts";
import { burst } from "../../../lab/world/burst.ts";
import { playScenario } from "../../../lab/world/play-scenario.ts";
import { play, schedules } from "../../../lab/world/schedules.ts";
import { STORIES } from "../../../lab/world/stories.ts";
import type { WorldOptions } from "../../../lab/world/world.ts";

/** Each protection, and the world without it. A suite that proves safety must be able to fail. */
const PROTECTIONS: [string, Partial<WorldOptions>][] = [
  ["the watch", { alter: (deps) => dropping(deps, "watch") }],
  ["the end of a MicroVM by message", { alter: (deps) => dropping(deps, "finish") }],
  ["the redelivery of what failed", { redelivers: () => false }],
  [
    "the condition on the record's version",
    {
      alter: (deps) => ({
        ...deps,
        jobs: { ...methods(deps.jobs, ["get", "put"]), put: async (record) => (await deps.jobs.put(record)) || true },
      }),
    },
  ],
  ["the lease", { alter: (deps) => reading(deps, ({ lease: _, ...record }) => record) }],
  [
    "the note that a MicroVM may exist",
    {
      alter: (deps) =>
        reading(deps, ({ lease: _, ...record }) => ({
          ...record,
          launches: record.launches.map(({ ambiguous: __, ...launch }) => launch),
        })),
    },
  ],
  [
    "the client token",
    {
      alter: (deps) => ({
        ...deps,
        microvms: {
          ...methods(deps.microvms, ["get", "terminate"]),
          run: (input) =>
            deps.microvms.run({ ...input, clientToken: `${Math.floor(deps.random() * 1e9)}-${input.clientToken}` }),
        },
      }),
    },
  ],
  [
    "GitHub's refusal to remove a busy runner",
    {
      alter: (deps) => ({
        ...deps,
        github: async () => {
          const github = await deps.github();
          return {
            ...methods(github, ["registerRunner", "findRunner", "getJob", "getRunOrigin"]),
            removeRunner: async (where, id) => {
              await github.removeRunner(where, id);
              return "removed";
            },
          };
        },
      }),
    },
  ],
  [
    "the caution with a view that could not be had",
    {
      alter: (deps) => ({
        ...deps,
        github: async () => {
          const github = await deps.github();
          return {
            ...methods(github, ["registerRunner", "findRunner", "removeRunner", "getRunOrigin"]),
            getJob: (where, id) => github.getJob(where, id).catch(() => undefined),
          };
        },
      }),
    },
  ],
  [
    "a record that is kept for as long as its job may wait",
    {
      alter: (deps) => ({
        ...deps,
        jobs: {
          ...methods(deps.jobs, ["get"]),
          put: (record) => deps.jobs.put({ ...record, expiresAt: Math.floor(deps.clock.now().getTime() / 1_000) + 60 }),
        },
      }),
    },
  ],
  [
    "the limit on MicroVMs",
    {
      alter: (deps) => ({
        ...deps,
        capacity: { ...methods(deps.capacity, ["release", "holders"]), acquire: async () => true },
      }),
    },
  ],
];

describe("without", () => {
  it.each(PROTECTIONS)("%s a promise is broken", { timeout: 120_000 }, async (_, options) => {
    const result = await fc.check(
      fc.asyncProperty(schedules, async (schedule) => (await play(schedule, options)).broken.length === 0),
      { numRuns: 3_000, seed: 1, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
  });

  it("the note that GitHub gives jobs again those of an incident wait for their own pace", async () => {
    const story = STORIES.find(({ name }) => name === "GitHub gives nothing out for 3 h to 20 jobs");
    if (story === undefined) throw new Error("there is no such story");
    const initial = (deps: DispatcherDeps): DispatcherDeps => ({
      ...deps,
      deployment: { ...methods(deps.deployment, ["read"]), update: async () => await deps.deployment.read() },
    });
    const { violations } = await playScenario({ ...story, options: { ...story.options, alter: initial } });
    expect(violations.some((sentence) => /^the (first|last) job started/.test(sentence))).toBe(true);
  });

  it("the pace most calls of a burst are wasted", async () => {
    const unpaced = (deps: DispatcherDeps): DispatcherDeps => ({
      ...deps,
      pace: {
        ...methods(deps.pace, ["slowDown", "block", "markHeld"]),
        admit: async (now) => ({ atMs: now.getTime(), epoch: 0 }),
      },
    });
    const { throttledPerJob } = await burst({ jobs: 500, perSecond: 5, alter: unpaced });
    expect(throttledPerJob).toBeGreaterThan(0.2);
  });
});

function dropping(deps: DispatcherDeps, type: QueueMessage["type"]): DispatcherDeps {
  const queue = methods(deps.queue, ["send", "changeVisibility"]);
  const send = async (message: QueueMessage, delaySeconds?: number) => {
    if (message.type !== type) await queue.send(message, delaySeconds);
  };
  return { ...deps, queue: { ...queue, send } };
}

function reading(deps: DispatcherDeps, change: (record: JobRecord) => JobRecord): DispatcherDeps {
  const get = async (jobId: number) => {
    const record = await deps.jobs.get(jobId);
    return record && change(record);
  };
  return { ...deps, jobs: { ...methods(deps.jobs, ["put"]), get } };
}

// A port of the world is a proxy: its operations must be taken one by one.
function methods<Port extends object, Name extends keyof Port>(port: Port, names: readonly Name[]): Pick<Port, Name> {
  return Object.fromEntries(names.map((name) => [name, port[name]])) as Pick<Port, Name>;
}
