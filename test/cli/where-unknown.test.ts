import { expect, it } from "vitest";
import type { AwsReader } from "../../cli/aws/aws-reader.ts";
import { investigate, isPublicForks } from "../../cli/where.ts";
import { type JobRecord, type Launch, newRecord } from "../../dispatcher/core/job.ts";
import type { RefreshState } from "../../dispatcher/core/refresh-state.ts";
import { NO_RELEASES } from "../../dispatcher/core/runner-releases.ts";
import { functionEnvironment } from "../../lab/world/services/function-environment.ts";
import { refusing } from "./setup/memory-context.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const NOTHING_SEEN: RefreshState = { versions: {}, failures: {}, withdrawn: [] };
const JOB = { jobId: 11, host: "github.com", repository: "acme/shop" };
const deployment = { prefix: "gha", settings: functionEnvironment };

function record(jobId: number, ...launches: Partial<Launch>[]): JobRecord {
  const made = newRecord({ jobId, runId: 1, repository: "acme/shop" }, NOW);
  return {
    ...made,
    launches: launches.map((change, index) => ({
      ...{ number: index + 1, state: "running" as const, runnerName: `gha-${jobId}-${index + 1}` },
      ...{ claimedAt: NOW.toISOString(), ...change },
    })),
  };
}

const look = (aws: Partial<AwsReader>, address: typeof JOB | { jobId: number } = JOB) =>
  investigate({ aws: refusing<AwsReader>(aws), deployment, githubToken: undefined }, address);

it("what may not be read is not known, and the rest is", async () => {
  const found = await look({ job: async () => record(11, {}) });
  expect(found).toMatchObject({
    github: { unknown: expect.stringMatching(/^no GITHUB_TOKEN, and parameter was refused/) },
    queue: { unknown: expect.stringContaining("queue was refused") },
    deadLetters: { unknown: "the jobs queue does not tell its name" },
    launch: { id: "11-1" },
  });
  expect(found.launch).not.toHaveProperty("microvm");
  expect(found).not.toHaveProperty("held");
});

it("of a bare id that nothing is stored of GitHub cannot be asked", async () => {
  const found = await look({ job: async () => undefined }, { jobId: 11 });
  expect(found.github).toEqual({ unknown: "a bare id does not name the repository" });
  expect(found.launch).toBeUndefined();
});

it("without the record nothing can be said", async () => {
  await expect(look({})).rejects.toThrow("job was refused");
  const broken = async () => {
    throw new TypeError("broken");
  };
  await expect(look({ job: broken })).rejects.toThrow(TypeError);
  await expect(look({ job: async () => undefined, queue: broken })).rejects.toThrow(TypeError);
});

it("a job of another GitHub is not this deployment's", async () => {
  await expect(look({}, { ...JOB, host: "github.example" })).rejects.toThrow("check --name-prefix");
});

it("a job that another job's launch serves is followed there", async () => {
  const [own, other] = [record(11, { state: "ended" }), record(12, {}, { microvmId: "microvm-2" })];
  const served = async (_: string, id: number) => (id === 11 ? { ...own, servedBy: "12-2" } : other);
  expect((await look({ job: served, microvm: async () => undefined })).launch).toMatchObject({
    id: "12-2",
    microvm: "gone",
  });
  const lost = async (_: string, id: number) => (id === 11 ? { ...own, servedBy: "12-2" } : undefined);
  expect((await look({ job: lost })).launch).toBeUndefined();
});

it("launches that are held are told with the build that is to end it", async () => {
  const hold = { imageVersion: "3.0", launchIds: [], known: true, refusedMs: NOW.getTime(), probedMs: 0 };
  const at = (state: Partial<RefreshState>, mode?: string) =>
    look({
      job: async () => undefined,
      runner: async () => ({ state: { ...NOTHING_SEEN, ...state }, releases: NO_RELEASES, hold }),
      ...(mode === undefined ? {} : { functionEnvironment: async () => ({ MODE: mode }) }),
    }).then(({ held }) => held);
  const build = {
    ...{ rule: "rescue" as const, from: "3.0", runner: "2.330.0", attempted: "2.330.0", key: "k" },
    ...{ startedMs: NOW.getTime(), rescue: true, expected: "4.0" },
  };
  const known = {
    ...{
      runner: "2.329.0",
      runnerSha256: "",
      builtMs: 0,
      context: "",
      key: "",
      base: "1",
      baseImageArn: "",
      own: false,
    },
  };
  expect(await at({})).toEqual({ imageVersion: "3.0", builds: false });
  expect(await at({ build }, "auto")).toEqual({ imageVersion: "3.0", build: { since: NOW }, builds: true });
  expect(await at({ build: { ...build, version: "4.0" }, versions: { "3.0": known } }, "watch")).toEqual({
    ...{ imageVersion: "3.0", runner: "2.329.0", build: { imageVersion: "4.0", since: NOW }, builds: false },
  });
});

it("a job of a class is looked for among what its image has of its own", async () => {
  const large = {
    required: ["microvm-large"],
    runner: ["microvm-large"],
    image: "gha-runner-large",
    max: 2,
    built: true,
  };
  const asked: (string | undefined)[] = [];
  const found = await investigate(
    {
      aws: refusing<AwsReader>({
        parameter: async () => JSON.stringify({ large }),
        job: async () => ({ ...record(11), labels: ["microvm-large"] }),
        async runner(_table, image) {
          asked.push(image);
          const hold = { imageVersion: "3.0", launchIds: [], known: true, refusedMs: NOW.getTime(), probedMs: 0 };
          return { state: NOTHING_SEEN, releases: NO_RELEASES, hold };
        },
      }),
      deployment: { prefix: "gha", settings: { ...functionEnvironment, CLASSES_PARAM: "/gha/classes:1" } },
      githubToken: undefined,
    },
    JOB,
  );
  expect(found).toMatchObject({ runnerClass: { name: "large", maxConcurrency: 2 }, held: { builds: true } });
  expect(asked).toEqual(["gha-runner-large"]);
});

it("a fork's pull request is one where GitHub says so", () => {
  expect(isPublicForks({ unknown: "no answer" })).toBe(false);
  expect(isPublicForks({ repository: "acme/shop", isPublic: true, isForksPullRequest: true })).toBe(true);
  expect(isPublicForks({ repository: "acme/shop", isPublic: false, isForksPullRequest: true })).toBe(false);
});
