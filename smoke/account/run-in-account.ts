import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createAccountReader } from "../../cli/aws/account-reader.ts";
import { resolveAws } from "../../cli/aws/resolve-aws.ts";
import { UsageError } from "../../cli/usage-error.ts";
import type { Environment } from "../../dispatcher/config.ts";
import { DispatcherError } from "../../dispatcher/errors.ts";
import { KINDS } from "../core/kinds.ts";
import { type Journal, newJournal, readJournal, removeJournal } from "../journal.ts";
import { DEFAULT_MEMORY_MIB, type Request } from "../read-arguments.ts";
import { type RunOptions, runStages } from "../run-stages.ts";
import { STAGES } from "../stages/stages.ts";
import { openAccountWorld } from "./account-world.ts";
import { forAnotherTry, isClean } from "./another-try.ts";

export interface AccountRun extends Pick<RunOptions, "signal" | "say" | "ask"> {
  environment: Environment;
  /** Where journals are, and Terraform's folders. */
  folder: string;
}

/** A run in an account, or what is left to do of one. Throws a UsageError before it begins. */
export async function runInAccount(request: Request, options: AccountRun): Promise<Journal> {
  const { prefix, profile, repository, appId, key, memoryMib, again } = request;
  const { environment, signal, say, ask } = options;
  const { GITHUB_TOKEN: token } = environment;
  if (repository === undefined || appId === undefined || key === undefined || !token) {
    throw new UsageError("--repository, --app-id, --key and the variable GITHUB_TOKEN are needed; --help tells more");
  }
  const file = join(options.folder, `${prefix}.json`);
  const folder = join(options.folder, prefix);
  const access = await resolveAws({ region: request.region, profile });
  const { region } = access;
  const { account } = await createAccountReader(access, environment).identity().catch(sayWhy);
  const before = forAnotherTry(await readJournal(file), { again, prefix, account, region, repository, memoryMib });
  const world = await openAccountWorld({ access, environment, repository, appId, key, token, prefix, folder });
  const begun = { account, region, prefix, repository, memoryMib: memoryMib ?? DEFAULT_MEMORY_MIB, now: new Date() };
  const journal = before ?? newJournal({ world: "account", ...begun });
  await runStages(STAGES, {
    ...{ world, journal, file, signal, say, ask, kinds: KINDS, cleanOnly: again === "clean" },
  });
  if (isClean(journal)) {
    // One that was refused has nothing there.
    if (journal.notes.role) await rm(folder, { recursive: true, force: true });
    await removeJournal(file);
  } else {
    say(`Not all of it could be taken away. The same command with --clean tries again; until then ${folder} stays,`);
    say("with Terraform's state and the App's key.");
  }
  return journal;
}

function sayWhy(error: unknown): never {
  if (!(error instanceof DispatcherError)) throw error;
  throw new UsageError(error.message);
}
