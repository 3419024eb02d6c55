import { readFile, writeFile } from "node:fs/promises";
import { requested, requestLabel } from "../../contract/permissions.ts";
import { DispatcherError } from "../../dispatcher/errors.ts";
import { ConversionError, convertManifest, type NewApp } from "../github/new-app.ts";
import { UsageError } from "../usage-error.ts";
import { appAccess, readAppView } from "./app-access.ts";
import { type SetupContext, writeRecord } from "./context.ts";
import { appName, appSettingsUrl, filledInUrl, manifestOf, newAppUrl } from "./core/manifest.ts";
import { keyName, type SetupRecord, wishOf } from "./core/setup-record.ts";
import { permissionsFor } from "./core/wish.ts";
import type { KeyPlace } from "./key-place.ts";
import type { PageView } from "./page.ts";

export interface MadeApp {
  record: SetupRecord;
  /** The key, for as long as the command runs. */
  pem: string;
}

/** What is wrong with an App that GitHub handed out; undefined where nothing is. */
export function problemWithApp(app: Pick<NewApp, "owner" | "permissions">, record: SetupRecord): string | undefined {
  if (app.owner.login.toLowerCase() !== record.owner.toLowerCase()) {
    return `the App belongs to ${app.owner.login}, not to ${record.owner}`;
  }
  const needed = requested(permissionsFor(wishOf(record)));
  const missing = needed.filter(
    ([name, level]) => app.permissions[name] !== "write" && app.permissions[name] !== level,
  );
  if (missing.length === 0) return undefined;
  return `the App lacks ${requestLabel(Object.fromEntries(missing))}`;
}

/** The view of the first page, and what GitHub's answer does. */
export class AppMaker {
  readonly #context: SetupContext;
  readonly #keyPlace: KeyPlace;
  #record: SetupRecord;
  #problem: string | undefined;
  #working = false;
  readonly made: Promise<MadeApp>;
  #resolve: (made: MadeApp) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(context: SetupContext, record: SetupRecord, keyPlace: KeyPlace) {
    this.#context = context;
    this.#record = record;
    this.#keyPlace = keyPlace;
    this.made = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  view({ redirectUrl, state }: { redirectUrl: string; state: string }): PageView {
    if (this.#working) return { step: "working", text: "The terminal stores the App's key." };
    const { place, prefix } = this.#context;
    const wish = wishOf(this.#record);
    const manifest = manifestOf(wish, appName(prefix, wish.owner), redirectUrl);
    const action = `${newAppUrl(place, wish)}?state=${state}`;
    return { step: "create", wish, action, manifest: JSON.stringify(manifest), problem: this.#problem };
  }

  /** Of one code: what can be mended is shown on the page, what cannot ends the command. */
  async take(code: string): Promise<void> {
    this.#working = true;
    try {
      this.#resolve(await this.#store(await convertManifest(this.#context.place.apiUrl, code)));
    } catch (error: unknown) {
      if (!(error instanceof ConversionError)) return this.#reject(error);
      this.#problem = error.message;
      this.#context.terminal.say(error.message);
      this.#working = false;
    }
  }

  async #store(app: NewApp): Promise<MadeApp> {
    const { place, terminal } = this.#context;
    const problem = problemWithApp(app, this.#record);
    if (problem !== undefined) {
      const mine = { ...wishOf(this.#record), owner: app.owner.login };
      const advanced = `${appSettingsUrl(place, mine, app.slug)}/advanced`;
      throw new ConversionError(`${problem}. Nothing of it was stored: delete it at ${advanced}, and press again`);
    }
    // The App first: where the key cannot be stored, no second App is made.
    this.#record = await writeRecord(this.#context, {
      ...this.#record,
      ...{ appId: app.id, slug: app.slug, appUrl: app.url, ownerId: app.owner.id },
    });
    await storeKey(this.#context, this.#record, this.#keyPlace, app.pem);
    terminal.say(`The App ${app.name} is made, its key is in ${this.#keyPlace.name}.`);
    return { record: this.#record, pem: app.pem };
  }
}

/** Stores the key and reads it back; where that fails the key is held, and a person decides. */
export async function storeKey(
  context: SetupContext,
  { keyAt = "" }: SetupRecord,
  keyPlace: KeyPlace,
  pem: string,
): Promise<void> {
  const { terminal } = context;
  for (;;) {
    try {
      await keyPlace.store(keyAt, pem);
      const stored = await keyPlace.read(keyAt);
      if (stored === "kept" || stored === pem) return;
      terminal.say(`${keyPlace.name} holds another text than was written: another set-up runs at the same time`);
    } catch (error: unknown) {
      if (!(error instanceof DispatcherError) && !(error instanceof UsageError)) throw error;
      terminal.say(`The App's key could not be stored in ${keyPlace.name}: ${error.message}`);
    }
    if (!terminal.isInteractive) {
      throw new UsageError(
        "the key is lost with this command: generate another in the App's settings, and give --app-id and --key-file",
      );
    }
    const path = await terminal.ask("Press Enter to try again, or type a file to write the key to", "");
    if (path === "") continue;
    await writeFile(path, pem, { mode: 0o600, flag: "wx" });
    throw new UsageError(
      `the key is in ${path}: run setup again with --key-file ${path} once ${keyPlace.name} can be written`,
    );
  }
}

/** Takes an App that is there, with a key from a file. */
export async function adoptApp(
  context: SetupContext,
  record: SetupRecord,
  keyPlace: KeyPlace,
  { appId, keyFile }: { appId: string; keyFile: string },
): Promise<MadeApp> {
  const pem = await readFile(keyFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--key-file ${keyFile} could not be read (${error.code ?? error.message})`);
  });
  const view = await readAppView(appAccess(context.place.apiUrl, record.owner, appId, pem), appId);
  const problem = problemWithApp(view, record);
  if (problem !== undefined) {
    const settings = appSettingsUrl(context.place, wishOf(record), view.slug);
    throw new UsageError(
      `${problem}: change it at ${settings}/permissions, accept the change in the installation, and run this again`,
    );
  }
  const known = { appId, slug: view.slug, appUrl: view.url, ownerId: view.owner.id };
  const kept = await writeRecord(context, { ...record, ...known });
  await storeKey(context, kept, keyPlace, pem);
  context.terminal.say(
    `The key of ${view.slug} is in ${keyPlace.name}. The file ${keyFile} is not needed any more: delete it.`,
  );
  return { record: kept, pem };
}

/** What a person does where no browser can reach this machine. */
export function withoutBrowser({ place, prefix }: SetupContext, record: SetupRecord): string {
  const wish = wishOf(record);
  return [
    "Open this address in a browser where you are signed in at GitHub, and create the App:",
    "",
    `  ${filledInUrl(place, wish, appName(prefix, wish.owner))}`,
    "",
    "Then generate a private key at the bottom of the App's page, and run:",
    "",
    "  setup --app-id NUMBER --key-file FILE.pem",
  ].join("\n");
}

/** For an App of which the key never got to its place. */
export function keyLost({ place, prefix }: SetupContext, record: SetupRecord): string {
  const settings = appSettingsUrl(place, wishOf(record), record.slug ?? "");
  return [
    `The App ${record.slug} is there and its key is not in ${keyName(prefix)}: an earlier run ended in between.`,
    `Generate a key at ${settings}, and run setup --app-id ${record.appId} --key-file FILE.pem`,
  ].join("\n");
}
