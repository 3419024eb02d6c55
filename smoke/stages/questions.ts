import { randomUUID } from "node:crypto";
import { createLambdaMicrovms } from "../../dispatcher/aws/lambda-microvms.ts";
import { createSignedFetch } from "../../dispatcher/aws/transport/signed-fetch.ts";
import { awsEndpoint } from "../../dispatcher/config.ts";
import { DispatcherError } from "../../dispatcher/errors.ts";
import type { JobNote } from "../journal.ts";
import type { Run, Stage } from "../run.ts";

/** What was found out; throws a DispatcherError where it could not be. */
type Ask = (run: Run) => Promise<string>;

/** Every row of docs/ARCHITECTURE.md's table of what only an account can show, by its first cell. */
export const QUESTIONS: Readonly<Record<string, Ask>> = {
  "the module applies": async ({ journal: { notes } }) => {
    if (notes.applied === undefined) throw new Unanswered("it was not applied");
    const { resources, seconds } = notes.applied;
    return `${resources} resources in ${seconds} s, and a second plan changes nothing`;
  },
  "the image builds, its hooks answer": async (run) => {
    const { settings } = await run.deployment();
    const { latestActiveVersion: version } = await run.aws.image(settings.IMAGE_ARN);
    if (version === undefined) throw new Unanswered("it has no active version");
    const builds = await run.aws.builds(settings.IMAGE_ARN, version);
    return `version ${version}: ${builds.map(({ state }) => state).join(", ")}`;
  },
  "a job runs, and how soon": async ({ journal: { notes } }) => {
    const waits = secondsBetween(notes.jobs, "queued", "first step");
    if (waits.length === 0) throw new Unanswered("no job has run");
    return `${waits.length} jobs, from queued to the first step: median ${median(waits)} s, longest ${waits.at(-1)} s`;
  },
  "quotas of the account": async ({ journal: { notes } }) => {
    if (notes.quotas === undefined) throw new Unanswered("they were not read");
    return notes.quotas.join("; ");
  },
  "a MicroVM is gone after its job": async ({ journal: { notes } }) => {
    const lives = secondsBetween(notes.jobs, "ended", "MicroVM gone");
    if (lives.length === 0) throw new Unanswered("no job has run");
    return `${lives.length} of them, from the job's end: median ${median(lives)} s, longest ${lives.at(-1)} s`;
  },
  "how long the service remembers a client token": askClientToken,
};

class Unanswered extends Error {}

/** Answers what this run can answer. */
export const askQuestions: Stage = {
  name: "questions",
  async carryOut(run) {
    const answers = [];
    for (const [open, ask] of Object.entries(QUESTIONS)) {
      try {
        answers.push({ open, answered: true, text: await ask(run) });
      } catch (error: unknown) {
        if (!(error instanceof DispatcherError || error instanceof Unanswered)) throw error;
        answers.push({ open, answered: false, text: error.message });
      }
    }
    run.journal.notes.answers = answers;
    return [];
  },
};

/** Launches one MicroVM, ends it, and repeats the same call later and later until another is launched. */
async function askClientToken(run: Run): Promise<string> {
  const { world, signal } = run;
  const { access, environment, pace } = world;
  const { settings } = await run.deployment();
  const endpoint = awsEndpoint(environment, "lambda-microvms");
  const microvms = createLambdaMicrovms(
    createSignedFetch({ service: "lambda", region: access.region, credentials: () => access.credentials, endpoint }),
  );
  const input = {
    ...{ imageArn: settings.IMAGE_ARN, execRoleArn: settings.EXEC_ROLE_ARN, logGroup: settings.LOG_GROUP },
    ...{ ingressConnectorArn: settings.INGRESS_CONNECTOR_ARN, egressConnectorArn: settings.EGRESS_CONNECTOR_ARN },
    // No launch of the dispatcher's: the supervisor refuses it, and the MicroVM ends.
    ...{ runHookPayload: "a question of smoke", maxDurationSeconds: 60, clientToken: `smoke-${randomUUID()}` },
  };
  const first = await microvms.run(input);
  const startedMs = world.now().getTime();
  await microvms.terminate(first.microvmId);
  let remembered = "not at all";
  for (const ageMs of pace.tokenAgesMs) {
    await world.sleep(Math.max(0, startedMs + ageMs - world.now().getTime()), signal);
    const again = await microvms.run(input);
    if (again.microvmId !== first.microvmId) {
      await microvms.terminate(again.microvmId);
      return `${remembered}; after ${seconds(ageMs)} the same call launches another MicroVM`;
    }
    remembered = `for ${seconds(ageMs)}, also once its MicroVM is ended`;
  }
  return `at least ${remembered}`;
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** Whole seconds, the shortest first. */
function secondsBetween(
  jobs: readonly JobNote[],
  from: "queued" | "ended",
  to: "first step" | "MicroVM gone",
): number[] {
  return jobs
    .flatMap(({ at }) => {
      const [begin, end] = [at[from], at[to]];
      return begin === undefined || end === undefined ? [] : [Math.round((end - begin) / 1_000)];
    })
    .toSorted((one, other) => one - other);
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
