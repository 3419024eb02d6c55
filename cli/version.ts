import { DOCUMENTED_VERSION } from "../contract/module-source.ts";

/** The release that the bundle was made for; esbuild writes it, and a clone's build leaves it undeclared. */
declare const GHA_MICROVM_VERSION: string | undefined;

const UNRELEASED = "0.0.0-dev";

/** What `--version` prints. */
export const VERSION = typeof GHA_MICROVM_VERSION === "undefined" ? UNRELEASED : GHA_MICROVM_VERSION;

/** The version of the module that a configuration is to name: this one's own, or the last that was released. */
export const MODULE_VERSION = VERSION === UNRELEASED ? DOCUMENTED_VERSION : VERSION;
