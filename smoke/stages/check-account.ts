import { createAccountReader } from "../../cli/aws/account-reader.ts";
import { judgeQuotas } from "../../cli/core/judge-quotas.ts";
import { readQuotas } from "../../cli/read-quotas.ts";
import { reading } from "../../cli/reading.ts";
import { type AccountViews, FIRST_REGION, judgeAccount } from "../../cli/setup/core/judge-account.ts";
import { isDeployed } from "../../cli/setup/is-deployed.ts";
import { functionName } from "../../contract/names.ts";
import { estimate } from "../core/estimate.ts";
import { MAX_CONCURRENCY, type Run, roleNameOf, type Stage } from "../run.ts";

/** Looks whether the account can take a run and the name is free, says what it costs, and lets a person agree. */
export const checkAccount: Stage = {
  name: "account",
  async carryOut(run) {
    const { world, journal, kinds, aws, say } = run;
    const { region, prefix } = journal;
    const account = createAccountReader(world.access, world.environment);
    const who = await account.identity();
    if (who.account !== journal.account)
      return [`these are credentials of account ${who.account}, not ${journal.account}`];
    const taken = (await isDeployed({ aws, prefix })) || (await account.hasRole(functionName(prefix, "dispatcher")));
    if (taken) return [`${prefix} is in use in this account: choose another --name-prefix`];
    if (await account.hasRole(roleNameOf(prefix))) {
      return [`the role ${roleNameOf(prefix)} is there: clean up an earlier run, or choose another --name-prefix`];
    }
    const lacking = await world.lacking();
    if (lacking.length > 0) return lacking;
    const images = await reading(() => account.managedImages(region));
    const views: AccountViews = {
      ...{ region, prefix, images, deployed: false, role: { value: false } },
      ...("value" in images ? {} : { elsewhere: await reading(() => account.managedImages(FIRST_REGION)) }),
      ...(await readQuotas(aws)),
    };
    const findings = [
      ...judgeAccount(views).filter(({ check }) => !check.startsWith("aws.quota")),
      ...judgeQuotas({ ...views, sizeMib: { value: journal.memoryMib }, maxConcurrency: MAX_CONCURRENCY }),
    ];
    for (const { title, text } of findings) say(`  ${title}: ${text}`);
    journal.notes.quotas = findings.filter(({ check }) => check.startsWith("aws.quota")).map(({ text }) => text);
    const failed = findings.filter(({ outcome }) => outcome === "fail");
    if (failed.length > 0) return failed.map(({ title, text, fix }) => `${title}: ${text}${fix ? `; ${fix}` : ""}`);
    const { usd, pricesOf } = estimate(kinds, journal.memoryMib, region);
    journal.notes.estimate = usd;
    return agree(run, `${who.account}, as ${who.who}`, usd, pricesOf);
  },
};

async function agree({ journal, kinds, say, ask }: Run, who: string, usd: number, pricesOf: string): Promise<string[]> {
  const { account, region, repository, prefix } = journal;
  const jobs = kinds.reduce((sum, kind) => sum + kind.jobs, 0);
  say(`  Account       ${who}`);
  say(`  Region        ${region}, name_prefix ${prefix}`);
  say(`  Organization  ${repository.split("/")[0]}, repository ${repository}`);
  say(
    `  Cost          at most $${usd.toFixed(2)} for ${jobs} jobs, at list prices of ${pricesOf}; the run ends at twice that.`,
  );
  say("                Not in it: the build of the image, functions, queue, table, logs and transfer.");
  const typed = await ask("Type the account's id to go on");
  return typed === account ? [] : ["the account's id was not typed"];
}
