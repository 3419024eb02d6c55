import { functionName } from "../../contract/names.ts";
import { NotFoundError } from "../../dispatcher/errors.ts";
import { UsageError } from "../usage-error.ts";
import { appAccess } from "./app-access.ts";
import { type Outcome, readRecord, type SetupContext } from "./context.ts";
import { githubPlace } from "./core/github-place.ts";
import { appSettingsUrl } from "./core/manifest.ts";
import { keyName, keyWord, recordName, type SetupRecord, wishOf } from "./core/setup-record.ts";
import { isDeployed } from "./is-deployed.ts";
import { signerAt } from "./signer-at.ts";

/**
 * Says in which order a deployment is taken away; with `--yes` does what set-up did, once Terraform has done its own.
 */
export async function remove(context: SetupContext): Promise<Outcome> {
  const { terminal, prefix, flags } = context;
  const record = await readRecord(context);
  const deployed = await isDeployed(context);
  if (record === undefined) {
    terminal.say(
      `${prefix} has no record of set-up${deployed ? ": terraform destroy takes the deployment away" : ": nothing is left of it"}.`,
    );
    return 0;
  }
  const advanced = `${appSettingsUrl(githubPlace(record.github), wishOf(record), record.slug ?? "SLUG")}/advanced`;
  if (!flags.yes) {
    terminal.say(order(context, record, advanced));
    return 0;
  }
  if (deployed) throw new UsageError(`${functionName(prefix, "dispatcher")} is there: terraform destroy comes first`);
  await uninstall(context, record);
  await context.keyPlace(keyWord(record)).remove(record.keyAt ?? "");
  await context.writer.deleteParameter(recordName(prefix));
  terminal.say("The App is uninstalled, its key and the record are deleted.");
  if (record.key === "kms") terminal.say(`The KMS key stays: aws kms schedule-key-deletion --key-id ${record.keyAt}`);
  if (record.key === "file") terminal.say(`The file ${record.keyAt} stays.`);
  terminal.say(`No API deletes an App: ${advanced}`);
  return 0;
}

function order({ prefix }: SetupContext, { key, keyAt, owner }: SetupRecord, advanced: string): string {
  const place = key === "ssm" ? keyName(prefix) : (keyAt ?? "");
  return [
    "In this order:",
    "  1. let running jobs end: with terraform destroy they die",
    "  2. terraform destroy",
    `  3. gha-microvm remove --yes: uninstalls the App in ${owner}, deletes ${place} and ${recordName(prefix)}`,
    `  4. delete the App: ${advanced}`,
  ].join("\n");
}

async function uninstall(context: SetupContext, record: SetupRecord): Promise<void> {
  if (record.appId === undefined || record.installationId === undefined) return;
  const key = await signerAt(context, context.keyPlace(keyWord(record)), record.keyAt ?? "");
  if (key === undefined) return;
  const { client } = appAccess(githubPlace(record.github).apiUrl, record.owner, record.appId, key);
  try {
    await client.asApp({
      route: "DELETE /app/installations/{installation_id}",
      parameters: { installation_id: Number(record.installationId) },
      repeatable: true,
      purpose: { what: "uninstalling the App", permission: "none" },
    });
  } catch (error: unknown) {
    // By hand before, or by an earlier run.
    if (!(error instanceof NotFoundError)) throw error;
  }
}
