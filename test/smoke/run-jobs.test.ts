import { expect, it } from "vitest";
import { createAwsReader } from "../../cli/aws/aws-reader.ts";
import type { AskGitHub } from "../../cli/github/ask-github.ts";
import { GitHubFailure } from "../../dispatcher/github/github-error.ts";
import { KINDS } from "../../smoke/core/kinds.ts";
import { newJournal } from "../../smoke/journal.ts";
import type { Run } from "../../smoke/run.ts";
import { runJobs } from "../../smoke/stages/jobs.ts";

const REFUSED = async (): Promise<never> => {
  throw new Error("nobody asks this");
};
const MINUTE = 60_000;

/** A run of the first kind, whose job GitHub never shows; each look is a minute after the one before. */
function runWith(github: AskGitHub) {
  let nowMs = 0;
  const said: string[] = [];
  const journal = newJournal({
    ...{ world: "account", account: "123456789012", region: "eu-west-1", prefix: "gha-smoke", now: new Date(0) },
    ...{ repository: "my-org/scratch", memoryMib: 2_048 },
  });
  journal.notes.estimate = 0.5;
  const access = { region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
  const world: Run["world"] = {
    ...{ kind: "account", access, environment: {}, repository: "my-org/scratch", github, githubToken: undefined },
    pace: { lookMs: MINUTE, silenceMs: 30 * MINUTE, settleMs: 1, tokenAgesMs: [] },
    now: () => new Date(nowMs),
    async sleep(ms) {
      nowMs += ms;
    },
    begin: async () => 7,
    ...{
      lacking: REFUSED,
      configure: REFUSED,
      terraform: REFUSED,
      cancel: REFUSED,
      cancelRest: REFUSED,
      tidy: REFUSED,
    },
  };
  const run: Run = {
    ...{ world, journal, kinds: KINDS.slice(0, 1), signal: new AbortController().signal },
    aws: createAwsReader(access, {}),
    say: (text) => void said.push(text),
    ...{ ask: REFUSED, deployment: REFUSED, save: async () => undefined },
  };
  return { run, journal, said, elapsedMinutes: () => nowMs / MINUTE };
}

const NOTHING = { body: { jobs: [] } };
const BROKEN = { failure: new GitHubFailure("Bad Gateway", 502) };

it("names a kind whose jobs GitHub does not show, once nothing has moved for long", async () => {
  const { run, elapsedMinutes } = runWith(async () => NOTHING);
  expect(await runJobs.carryOut(run)).toEqual(["hello: GitHub shows no run or not all of its jobs"]);
  expect(elapsedMinutes()).toBe(31);
});

it("ends at twice the estimate", async () => {
  const { run, journal } = runWith(async () => NOTHING);
  const launches = Array.from({ length: 200 }, () => ({ launchedAt: new Date(0).toISOString() }));
  journal.notes.jobs = [{ kind: "matrix", jobId: 1, where: "", at: {}, launches }];
  expect(await runJobs.carryOut(run)).toEqual([expect.stringMatching(/are spent, more than \$1\.00: the run ends$/)]);
});

it("bears looks at which GitHub does not answer, but not five in a row", async () => {
  let calls = 0;
  const { run, said } = runWith(async () => (++calls % 5 === 0 ? NOTHING : BROKEN));
  expect(await runJobs.carryOut(run)).toHaveLength(1);
  expect(said).toContain("  not seen: reading run 7: Bad Gateway");

  await expect(runJobs.carryOut(runWith(async () => BROKEN).run)).rejects.toThrow("Bad Gateway");
});
