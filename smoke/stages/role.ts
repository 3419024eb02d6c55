import { createAccountReader } from "../../cli/aws/account-reader.ts";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import { DispatcherError } from "../../dispatcher/errors.ts";
import { applyingPolicy } from "../../src/docs/applying-policy.ts";
import { createApplyingRole } from "../aws/applying-role.ts";
import { readProjectFile } from "../project-file.ts";
import { type Run, roleNameOf, type Stage } from "../run.ts";

/** Looks at a new role so often, `settleMs` apart, until IAM lets it be assumed. */
const LOOKS = 6;

/** Makes a role with exactly the policy that docs/USAGE.md publishes for whoever applies. */
export const makeRole: Stage = {
  name: "role with the published policy",
  async carryOut(run) {
    const { world, journal, signal } = run;
    const { region, account, prefix } = journal;
    const { partition } = await createAccountReader(world.access, world.environment).identity();
    journal.notes.role = true;
    await run.save();
    const policy = applyingPolicy(await readProjectFile("docs/USAGE.md"), { partition, region, account, prefix });
    const role = createApplyingRole(world.access, world.environment);
    await role.make({ name: roleNameOf(prefix), partition, account, policy });
    for (let look = 1; ; look++) {
      await world.sleep(world.pace.settleMs, signal);
      try {
        await assumeRole(run);
        return [];
      } catch (error: unknown) {
        if (!(error instanceof DispatcherError) || look === LOOKS) throw error;
      }
    }
  },
};

/** Credentials of that role, good for an hour. */
export async function assumeRole({ world, journal: { account, prefix } }: Run): Promise<AwsAccess> {
  const { partition } = await createAccountReader(world.access, world.environment).identity();
  return createApplyingRole(world.access, world.environment).assume({ name: roleNameOf(prefix), partition, account });
}
