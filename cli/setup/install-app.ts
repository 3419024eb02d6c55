import { setTimeout as sleep } from "node:timers/promises";
import { type InstallationView, judgeInstallation, judgePermissions } from "../core/judge-github.ts";
import { type AppAccess, readInstallation } from "../github/app-access.ts";
import { isRequested } from "../github/new-app.ts";
import type { SetupContext } from "./context.ts";
import { appSettingsUrl, installUrl } from "./core/manifest.ts";
import { type SetupRecord, wishOf } from "./core/setup-record.ts";
import { permissionsFor } from "./core/wish.ts";
import type { PageView } from "./page.ts";

/** Waits for the App's installation, and for its permissions. */
export class InstallWatch {
  readonly #context: SetupContext;
  readonly #record: SetupRecord;
  readonly #access: AppAccess;
  #status = "Waiting for the installation.";

  constructor(context: SetupContext, record: SetupRecord, access: AppAccess) {
    this.#context = context;
    this.#record = record;
    this.#access = access;
  }

  get installUrl(): string {
    return installUrl(this.#record.appUrl ?? "", this.#record.ownerId);
  }

  view(): PageView {
    return { step: "install", owner: this.#record.owner, installUrl: this.installUrl, status: this.#status };
  }

  /** The installation, if it is there and good; else says why not, in one line. */
  async look(): Promise<InstallationView | undefined> {
    const known = await readInstallation(this.#access);
    if (!("value" in known)) {
      const asked = "fail" in known && (await isRequested(this.#access.ask, this.#record.owner));
      this.#status = asked
        ? `An owner of ${this.#record.owner} was asked to install the App: waiting for that.`
        : "fail" in known
          ? "Waiting for the installation."
          : known.skip;
      return undefined;
    }
    const findings = [
      judgeInstallation(known, this.#record.owner),
      judgePermissions(known, permissionsFor(wishOf(this.#record))),
    ];
    const failed = findings.find(({ outcome }) => outcome === "fail");
    if (failed === undefined) return known.value;
    const settings = appSettingsUrl(this.#context.place, wishOf(this.#record), this.#record.slug ?? "");
    this.#status = `${failed.title}: ${failed.text}. ${failed.fix ?? ""} (${settings}/permissions)`;
    return undefined;
  }

  /** Looks until the installation is there. */
  async wait(): Promise<InstallationView> {
    const { terminal, pollMs } = this.#context;
    let said = "";
    for (;;) {
      const found = await this.look();
      if (found !== undefined) return found;
      if (this.#status !== said) terminal.say(this.#status);
      said = this.#status;
      await sleep(pollMs, undefined, { signal: terminal.signal });
    }
  }

  get status(): string {
    return this.#status;
  }
}
