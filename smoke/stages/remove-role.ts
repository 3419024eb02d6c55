import { createApplyingRole } from "../aws/applying-role.ts";
import { roleNameOf, type Stage } from "../run.ts";
import { destroy } from "./apply.ts";

/** Removes the role, unless what it is needed for is still to be done. */
export const removeRole: Stage = {
  name: "role removed",
  cleans: true,
  async carryOut({ world, journal }) {
    if (!journal.notes.role) return [];
    const name = roleNameOf(journal.prefix);
    if (journal.stages[destroy.name]?.status === "failed") return [`the role ${name} stays: another try needs it`];
    await createApplyingRole(world.access, world.environment).remove(name);
    return [];
  },
};
