import { addAbortListener } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { functionName } from "../../contract/names.ts";
import { dispatcherSecret } from "../../contract/secrets.ts";
import { parseSecret } from "../../dispatcher/config.ts";
import type { Sign } from "../../dispatcher/ports.ts";
import { type Deployment, findDeployment } from "../aws/find-deployment.ts";
import { hasFailed, printFindings } from "../core/print-findings.ts";
import { readOwnerType } from "../github/new-app.ts";
import { readQuotas } from "../read-quotas.ts";
import { reading } from "../reading.ts";
import { UsageError } from "../usage-error.ts";
import { appAccess } from "./app-access.ts";
import { answer, type Outcome, readRecord, type SetupContext, writeRecord } from "./context.ts";
import { FIRST_REGION, judgeAccount, memoryFor } from "./core/judge-account.ts";
import { keyWord, type SetupRecord } from "./core/setup-record.ts";
import { problemWith, type Wish } from "./core/wish.ts";
import { InstallWatch } from "./install-app.ts";
import { isDeployed } from "./is-deployed.ts";
import type { KeyPlace } from "./key-place.ts";
import { lastSteps } from "./last-steps.ts";
import { AppMaker, adoptApp, keyLost, type MadeApp, withoutBrowser } from "./make-app.ts";
import type { PageView } from "./page.ts";
import { type SetupPage, servePage } from "./serve-page.ts";
import { signerAt } from "./signer-at.ts";
import { writeMain } from "./write-main.ts";

/** Looks what is missing and does the next thing, until a person or an apply is needed. */
export async function setup(context: SetupContext): Promise<Outcome> {
  const { terminal, prefix } = context;
  const deployment = await deploymentOf(context);
  const account = await lookAtAccount(context, deployment !== undefined);
  if (account === undefined) return 1;
  const record = await readRecord(context);
  if (record === undefined && deployment !== undefined) return explainHandMade(context, deployment);
  if (!(await confirmed(context))) {
    terminal.say("Nothing was changed.");
    return 3;
  }
  const wanted = record ?? (await askWish(context));
  if (record !== undefined && (context.flags.key ?? keyWord(record)) !== keyWord(record)) {
    throw new UsageError(`the App's key is kept in ${keyWord(record)}: remove --yes takes it away, for another place`);
  }
  const keyPlace = context.keyPlace(context.flags.key ?? keyWord(wanted));
  requireFit(keyPlace, wanted, context);
  const reserved = { ...wanted, key: keyPlace.kind, keyAt: await keyPlace.reserve(wanted.keyAt) };
  const begun = await writeRecord(context, reserved);
  const app = await new Steps(context, begun, keyPlace).run();
  if (app === undefined) return 3;
  if (deployment === undefined) return writeMain(context, app.record, { ...app, memoryMib: account.memoryMib });
  terminal.say(`${prefix} is deployed: looking at everything.`);
  return lastSteps(context, app.record, app.access, deployment);
}

async function deploymentOf(context: SetupContext): Promise<Deployment | undefined> {
  return (await isDeployed(context)) ? findDeployment(context.aws, context.prefix) : undefined;
}

/** Undefined: a check failed, and nothing is touched. */
async function lookAtAccount(
  { reader, aws, prefix, region, terminal }: SetupContext,
  deployed: boolean,
): Promise<{ memoryMib: number | undefined } | undefined> {
  const images = await reading(() => reader.managedImages(region));
  const elsewhere =
    "value" in images || region === FIRST_REGION ? undefined : await reading(() => reader.managedImages(FIRST_REGION));
  const quotas = await readQuotas(aws);
  const findings = judgeAccount({
    ...{ region, images, elsewhere, deployed, prefix, ...quotas },
    role: await reading(() => reader.hasRole(functionName(prefix, "dispatcher"))),
  });
  terminal.say(`${printFindings(findings)}\n`);
  return hasFailed(findings) ? undefined : { memoryMib: memoryFor(quotas.memory) };
}

async function confirmed(context: SetupContext): Promise<boolean> {
  const { account, region } = context;
  return /^y(es)?$/i.test(await answer(context, `Account ${account}, Region ${region}: go on?`, "yes"));
}

/** What is to be served, by the command line or by asking. */
async function askWish(context: SetupContext): Promise<SetupRecord> {
  const { flags, place, terminal } = context;
  const owner = flags.owner ?? (terminal.isInteractive ? await terminal.ask("Organization, or user, to serve") : "");
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/.test(owner)) {
    throw new UsageError(`--owner wants the login of an organization or user, not "${owner}"`);
  }
  const type =
    (await readOwnerType(place.apiUrl, owner)) ?? (await answer(context, `Is ${owner} an organization?`, "yes"));
  if (type === "none") throw new UsageError(`${place.htmlUrl} has no account ${owner}`);
  const ownerType = type === "Organization" || /^y(es)?$/i.test(type) ? "Organization" : "User";
  const repositories =
    flags.repositories ?? named(await answer(context, "Repositories, by name", ownerType === "User" ? "" : "all"));
  const webhook =
    flags.webhook ?? (await answer(context, "Webhook made by terraform, or the App's own (app)", "terraform"));
  const wish: Wish = {
    owner,
    ownerType,
    repositories,
    webhook: webhookOf(webhook, repositories),
    runnerGroupId: flags.runnerGroupId,
  };
  const problem = problemWith(wish);
  if (problem !== undefined) throw new UsageError(problem);
  const { runnerGroupId, ...rest } = wish;
  return {
    ...{ version: 1, github: place.htmlUrl, key: "ssm" },
    ...rest,
    repositories: [...repositories],
    ...(runnerGroupId === undefined ? {} : { runnerGroupId }),
  };
}

/** What the place of the key excludes, and what it means. */
function requireFit({ kind }: KeyPlace, { webhook }: SetupRecord, { terminal }: SetupContext): void {
  if (kind === "kms" && webhook !== "app") {
    throw new UsageError(
      "--key kms goes with --webhook app: Terraform's provider cannot sign with KMS, and would need the key",
    );
  }
  if (kind === "file") terminal.say("The App's key will be on this disk and, once applied, in the state of Terraform.");
}

function named(text: string): string[] {
  return text === "all" ? [] : text.split(/[ ,]+/).filter((name) => name !== "");
}

function webhookOf(text: string, repositories: readonly string[]): Wish["webhook"] {
  if (text === "app" || text === "organization" || text === "repository") return text;
  if (text === "terraform") return repositories.length === 0 ? "organization" : "repository";
  throw new UsageError(`--webhook wants terraform or app, not ${text}`);
}

/** How long a browser that is still there has to be shown the last page. */
const LAST_PAGE_MS = 4_000;

interface InstalledApp {
  record: SetupRecord;
  access: ReturnType<typeof appAccess>;
  installationId: string;
}

/** The App, its key and its installation: one page for all three. */
class Steps {
  readonly #context: SetupContext;
  readonly #keyPlace: KeyPlace;
  #record: SetupRecord;
  #view: (back: { redirectUrl: string; state: string }) => PageView = () => ({ step: "working", text: "Looking." });
  #onCode: (code: string) => void = () => undefined;
  #page: SetupPage | undefined;

  constructor(context: SetupContext, record: SetupRecord, keyPlace: KeyPlace) {
    this.#context = context;
    this.#record = record;
    this.#keyPlace = keyPlace;
  }

  /** Undefined: a person has to do something, which was said. */
  async run(): Promise<InstalledApp | undefined> {
    const { terminal } = this.#context;
    const unlisten = terminal.onLine((line) => this.#pasted(line));
    try {
      const key = await this.#key();
      if (key === undefined) return undefined;
      const { appId = "", owner } = this.#record;
      const access = appAccess(this.#context.place.apiUrl, owner, appId, key);
      const installationId = await this.#installation(new InstallWatch(this.#context, this.#record, access));
      if (installationId === undefined) return undefined;
      this.#record = await writeRecord(this.#context, { ...this.#record, installationId });
      this.#view = () => ({ step: "done", text: "The App is made and installed. The terminal says what comes next." });
      if (this.#page !== undefined)
        await Promise.race([this.#page.done, sleep(LAST_PAGE_MS, undefined, { ref: false })]);
      return { record: this.#record, access, installationId };
    } finally {
      unlisten();
      await this.#page?.close();
    }
  }

  async #key(): Promise<string | Sign | undefined> {
    const { flags, terminal } = this.#context;
    const { appId = flags.appId, keyAt = "" } = this.#record;
    const { keyFile } = flags;
    if (keyFile !== undefined) {
      if (appId === undefined) throw new UsageError("--key-file wants --app-id beside it");
      return this.#take(await adoptApp(this.#context, this.#record, this.#keyPlace, { appId, keyFile }));
    }
    if (this.#record.appId !== undefined) {
      const key = await signerAt(this.#context, this.#keyPlace, keyAt);
      if (key === undefined) terminal.say(keyLost(this.#context, this.#record));
      return key;
    }
    if (!this.#hasBrowser()) {
      terminal.say(withoutBrowser(this.#context, this.#record));
      return undefined;
    }
    const maker = new AppMaker(this.#context, this.#record, this.#keyPlace);
    this.#view = (back) => maker.view(back);
    this.#onCode = (code) => void maker.take(code);
    await this.#open("Make the App in the browser");
    return this.#take(await this.#untilInterrupted(maker.made));
  }

  #take({ record, pem }: MadeApp): string {
    this.#record = record;
    return pem;
  }

  async #installation(watch: InstallWatch): Promise<string | undefined> {
    const { terminal } = this.#context;
    const found = await watch.look();
    if (found !== undefined) return String(found.id);
    this.#view = () => watch.view();
    if (!this.#hasBrowser()) {
      terminal.say(`${watch.status}\nInstall the App: ${watch.installUrl}`);
      return undefined;
    }
    if (this.#page === undefined) await this.#open("Install the App in the browser");
    else terminal.say(`Install the App: the page leads there, or ${watch.installUrl}`);
    return String((await this.#untilInterrupted(watch.wait())).id);
  }

  #hasBrowser(): boolean {
    return this.#context.flags.browser;
  }

  async #open(what: string): Promise<void> {
    const { flags, terminal, openBrowser, place, environment } = this.#context;
    this.#page = await servePage({
      port: flags.port,
      githubUrl: place.htmlUrl,
      view: (back) => this.#view(back),
      onCode: (code) => this.#onCode(code),
    });
    const { startUrl, port } = this.#page;
    terminal.say(`${what}: ${startUrl}`);
    if (environment.SSH_CONNECTION !== undefined) {
      terminal.say(`From your own machine: ssh -L ${port}:127.0.0.1:${port} HOST, and open the address there.`);
    }
    terminal.say("Where GitHub's way back ends in an error, paste that address here.");
    openBrowser(startUrl);
  }

  #pasted(line: string): void {
    if (line.trim() === "" || this.#page === undefined) return;
    const taken = this.#page.paste(line.trim());
    if (!taken)
      this.#context.terminal.say("That is not the address that is waited for: .../created?code=...&state=...");
  }

  async #untilInterrupted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#context.terminal;
    let listener: Disposable | undefined;
    const interrupted = new Promise<never>((_resolve, reject) => {
      // Unlike the signal's own listeners, this one also hears of an interrupt that came before.
      listener = addAbortListener(signal, () => reject(signal.reason));
    });
    return Promise.race([work, interrupted]).finally(() => listener?.[Symbol.dispose]());
  }
}

/** A deployment of which set-up knows nothing: the App is there, and its key where Terraform was told. */
async function explainHandMade({ aws, terminal, prefix }: SetupContext, { settings }: Deployment): Promise<Outcome> {
  const secret = parseSecret(dispatcherSecret, settings.SECRET_PARAM, await aws.parameter(settings.SECRET_PARAM));
  const { app_id: appId, private_key: key } = secret.github_app;
  terminal.say(
    [
      `${prefix} was deployed by hand, with App ${appId}: nothing is to be set up. gha-microvm doctor looks at it.`,
      ...(key == null
        ? []
        : [
            "Its key is an input of Terraform, and so in the state. The way out, without losing a job:",
            `  aws ssm put-parameter --name /${prefix}/github-app-key --type SecureString --value file://app.pem`,
            "  github_app.private_key = null and github_app_key_source = { ssm_parameter_arn = ... }, then terraform apply",
            "  a new key in the App's settings, put in the same place, and the old one deleted there: the state had it",
          ]),
    ].join("\n"),
  );
  return 0;
}
