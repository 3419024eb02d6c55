import { functionName } from "../contract/names.ts";
import { type ManagedHooks, managedHooks } from "../contract/secrets.ts";
import { parseSecret } from "../dispatcher/config.ts";
import { readAppAccess } from "./app-key.ts";
import type { AwsReader } from "./aws/aws-reader.ts";
import type { Deployment } from "./aws/find-deployment.ts";
import { andThen, blockedBy, type Finding, type Known } from "./core/finding.ts";
import { judgeAlarms, judgeTold } from "./core/judge-alarms.ts";
import { judgeDeadLetters, judgeJobsQueue, unasked } from "./core/judge-aws.ts";
import { judgeClock } from "./core/judge-clock.ts";
import {
  type AttemptView,
  judgeApp,
  judgeDeliveries,
  judgeHooks,
  judgeInstallation,
  judgePermissions,
  judgeRepositories,
  permissionsNeeded,
  TITLES,
} from "./core/judge-github.ts";
import { judgePause } from "./core/judge-pause.ts";
import { judgeQuotas } from "./core/judge-quotas.ts";
import { judgeUrlPolicy } from "./core/judge-url-policy.ts";
import { examineClassImages, examineImage } from "./examine-image.ts";
import { asInstallation, readApp, readInstallation, readUnreached } from "./github/app-access.ts";
import { type AskGitHub, askWithToken } from "./github/ask-github.ts";
import { type HookPlace, kindOf, placesOf, readAppHook, readAttempts, readHook } from "./github/read-hooks.ts";
import { readClock } from "./read-clock.ts";
import { readQuotas } from "./read-quotas.ts";
import { reading } from "./reading.ts";

export interface DoctorOptions {
  aws: AwsReader;
  deployment: Deployment;
  /** A person's token, for what the App's key would be needed for otherwise. */
  githubToken: string | undefined;
  now(): Date;
}

/** Looks at everything that a job needs, without changing anything. */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const { aws, deployment, now } = options;
  const clocks = [
    judgeClock("clock.github", "GitHub", await readClock(deployment.settings.GH_API_URL, now)),
    judgeClock("clock.aws", "AWS", await readClock(aws.address, now)),
  ];
  return [...clocks, ...(await examineGitHub(options)), ...(await examineAws(options))];
}

async function examineAws(options: DoctorOptions): Promise<Finding[]> {
  const { aws, deployment } = options;
  const { settings, prefix } = deployment;
  const policy = await reading(() => aws.functionPolicy(functionName(prefix, "webhook")));
  const { findings, sizeMib } = await examineImage(options);
  const quotas = await readQuotas(aws);
  const queue = await reading(() => aws.queue(settings.QUEUE_URL), "terraform apply creates the queue again");
  const deadLetters = await andThen(queue, ({ deadLetterUrl: url }) =>
    url === undefined
      ? Promise.resolve({ fail: "the jobs queue has no dead-letter queue", fix: "terraform apply sets it again" })
      : reading(() => aws.queue(url), "terraform apply creates the queue again"),
  );
  return [
    judgeUrlPolicy(policy),
    ...findings,
    ...(await examineClassImages(options, quotas.memory)),
    ...(await examineAlarms(aws, prefix)),
    judgePause(await reading(() => aws.pause(settings.TABLE_NAME)), settings.PAUSED),
    judgeJobsQueue(queue),
    judgeDeadLetters(deadLetters, aws.region),
    ...judgeQuotas({ ...quotas, sizeMib, maxConcurrency: settings.MAX_CONCURRENCY, region: aws.region }),
    ...unasked(settings.QUEUE_URL.split("/").at(-1) ?? "", aws.region),
  ];
}

async function examineAlarms(aws: AwsReader, prefix: string): Promise<Finding[]> {
  const alarms = await reading(() => aws.alarms(`${prefix}-`));
  const actions = new Set("value" in alarms ? alarms.value.flatMap((alarm) => alarm.actions) : []);
  const topics = new Map<string, Known<boolean>>();
  // Of what is no topic nobody here can tell who is told.
  for (const arn of actions) if (/^arn:[^:]+:sns:/.test(arn)) topics.set(arn, await reading(() => aws.isHeard(arn)));
  return [judgeTold(alarms, topics), judgeAlarms(alarms)];
}

async function examineGitHub(options: DoctorOptions): Promise<Finding[]> {
  const { aws, deployment, githubToken } = options;
  const { settings, prefix } = deployment;
  const access = await readAppAccess(aws, settings);
  const app = await andThen(access, readApp);
  const installation = await andThen(blockedBy(app, TITLES.app), async () => andThen(access, readInstallation));
  const usable = blockedBy(installation, TITLES.installation);
  const hooks = await reading(() => readManagedHooks(aws, prefix), "terraform apply writes the parameter again");
  const kind = "value" in hooks ? kindOf(hooks.value) : "app";
  const reach = await andThen(usable, async (view) =>
    andThen(access, async (as) =>
      andThen(await readUnreached(as, settings.GH_REPOSITORIES), async (unreached) => ({
        value: { installation: view, named: settings.GH_REPOSITORIES, unreached },
      })),
    ),
  );
  const ask: Known<AskGitHub> =
    githubToken !== undefined && !("value" in access)
      ? { value: askWithToken(settings.GH_API_URL, githubToken) }
      : await andThen(blockedBy(access, TITLES.app), (as) =>
          kind === "app"
            ? Promise.resolve({ value: as.ask })
            : asInstallation(as, usable, { [`${kind}_hooks`]: "read" }),
        );
  return [
    judgeApp(app),
    judgeInstallation(installation, settings.GH_OWNER),
    judgePermissions(usable, permissionsNeeded(kind, settings.RUNNER_GROUP_ID !== undefined)),
    judgeRepositories(reach),
    ...(await examineHooks(options, hooks, ask)),
  ];
}

async function examineHooks(
  { deployment: { settings, prefix }, now }: DoctorOptions,
  hooks: Known<ManagedHooks>,
  ask: Known<AskGitHub>,
): Promise<Finding[]> {
  const places: (HookPlace | undefined)[] = "value" in hooks ? placesOf(hooks.value, settings.GH_OWNER) : [];
  if (places.length === 0) places.push(undefined);
  const views = [];
  const attempts: AttemptView[] = [];
  let unread: Known<AttemptView[]> | undefined;
  for (const place of places) {
    const view = await andThen(hooks, () =>
      andThen(ask, (by) => (place === undefined ? readAppHook(by, settings.FINISH_BASE_URL) : readHook(by, place))),
    );
    views.push({ name: place?.name ?? "the App's webhook", view });
    const read = await andThen(blockedBy(view, "Webhook"), () => andThen(ask, (by) => readAttempts(by, place)));
    if ("value" in read) attempts.push(...read.value);
    else unread = read;
  }
  return [
    judgeHooks(views, settings.FINISH_BASE_URL),
    judgeDeliveries(attempts.length === 0 && unread !== undefined ? unread : { value: attempts }, prefix, now()),
  ];
}

async function readManagedHooks(aws: AwsReader, prefix: string): Promise<ManagedHooks> {
  const { HOOKS_PARAM: name = "" } = await aws.functionEnvironment(functionName(prefix, "redeliver"));
  return parseSecret(managedHooks, name, await aws.parameter(name));
}
