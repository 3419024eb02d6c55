import { readFile } from "node:fs/promises";
import { UsageError } from "../usage-error.ts";
import { appAccess, readAppView } from "./app-access.ts";
import { type Outcome, readRecord, type SetupContext, writeRecord } from "./context.ts";
import { githubPlace } from "./core/github-place.ts";
import { appSettingsUrl } from "./core/manifest.ts";
import { keyWord, type SetupRecord, wishOf } from "./core/setup-record.ts";
import { fingerprint } from "./fingerprint.ts";
import { storeKey } from "./make-app.ts";

/**
 * Puts a new key of the App in the old one's place. Both are good until the old one is deleted at GitHub: a function
 * that still has the old one reads the new one when GitHub refuses it, and no job is lost.
 */
export async function rotateKey(context: SetupContext): Promise<Outcome> {
  const { terminal, flags } = context;
  const record = await readRecord(context);
  if (record?.appId === undefined) {
    throw new UsageError(
      `${context.prefix} was not set up by this command: docs/USAGE.md, Rotate secrets, says how it is done by hand`,
    );
  }
  const place = githubPlace(record.github);
  const settings = appSettingsUrl(place, wishOf(record), record.slug ?? "");
  terminal.say(`Generate a private key at ${settings}: GitHub lets nobody else do that, and the browser downloads it.`);
  const file = flags.keyFile ?? (terminal.isInteractive ? await terminal.ask("File of the new key") : undefined);
  if (file === undefined) return 3;
  const pem = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} could not be read (${error.code ?? error.message})`);
  });
  await readAppView(appAccess(place.apiUrl, record.owner, record.appId, pem), record.appId);
  const keyPlace = context.keyPlace(keyWord(record));
  const before = await keyPlace.read(record.keyAt ?? "");
  if (typeof before === "string" && before !== "kept" && fingerprint(before) === fingerprint(pem)) {
    throw new UsageError(`${file} is the key that is there already: generate another at ${settings}`);
  }
  const kept = record.key === "kms" ? await anotherKey(context, record) : record;
  await storeKey(context, kept, keyPlace, pem);
  terminal.say(whatIsLeft(kept, { settings, file, before }));
  return 0;
}

/** A KMS key takes no second key material: another key takes the new one. */
async function anotherKey(context: SetupContext, record: SetupRecord): Promise<SetupRecord> {
  const keyAt = await context.keyPlace("kms").reserve(undefined);
  return writeRecord(context, { ...record, keyAt });
}

function whatIsLeft(
  { key, keyAt }: SetupRecord,
  { settings, file, before }: { settings: string; file: string; before: string | undefined },
): string {
  const old = before === undefined || before === "kept" ? "the older one" : fingerprint(before);
  return [
    "The new key is in its place. What is left:",
    ...(key === "kms"
      ? [`  github_app_key_source = { kms_signing_key_arn = "${keyAt}" } in main.tf, and terraform apply`]
      : []),
    ...(key === "file" ? ["  terraform apply"] : []),
    `  delete ${file}`,
    `  delete the key ${old} at ${settings}`,
  ].join("\n");
}
