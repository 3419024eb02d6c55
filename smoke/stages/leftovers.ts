import { examine } from "../../cli/doctor.ts";
import { createAccountContents } from "../aws/account-contents.ts";
import type { Stage } from "../run.ts";

/** The run's alarms tell nobody, and need not. */
const NOT_ASKED = "aws.alarm-actions";

/** Asks the deployment's own check of itself. */
export const examineDeployment: Stage = {
  name: "doctor",
  async carryOut(run) {
    const { world, aws, say } = run;
    const all = await examine({
      ...{ aws, deployment: await run.deployment(), githubToken: world.githubToken },
      now: () => world.now(),
    });
    const findings = all.filter(({ check }) => check !== NOT_ASKED);
    for (const { title, outcome, text } of findings) if (outcome !== "pass") say(`  ${title}: ${outcome}: ${text}`);
    return findings.flatMap(({ outcome, title, text }) => (outcome === "fail" ? [`${title}: ${text}`] : []));
  },
};

/** Names what there still is of the deployment, wherever it came from. */
export const listLeftovers: Stage = {
  name: "leftovers",
  cleans: true,
  async carryOut(run) {
    if (!run.journal.notes.applying) return [];
    const { left, unread } = await createAccountContents(run).all();
    for (const what of unread) run.say(`  not looked for: ${what}`);
    return left.map((what) => `${what} is left`);
  },
};

/** Takes the workflows' branch away. */
export const tidyRepository: Stage = {
  name: "repository as it was",
  cleans: true,
  async carryOut({ world, journal }) {
    // Without jobs a branch of that name is somebody else's.
    if (journal.notes.beginning) await world.tidy();
    return [];
  },
};
