import { afterAll, beforeAll } from "vitest";
import { type AppliedLab, applyLab } from "./applied-lab.ts";

/** A public repository that anybody may fork, and such a fork. */
export const OPEN = { repository: "my-org/open", fork: "somebody/open" };

/** Where the deployment's alarms are told; nobody has subscribed to it yet. */
export const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";

let applied: AppliedLab | undefined;
beforeAll(async () => {
  applied = await applyLab({
    files: { "alarms_override.tf": `module "gha_runner" {\n  alarm_actions = ["${TOPIC}"]\n}\n` },
    guests: { docker: true },
    github: {
      repositories: [
        ...["my-org/shop", "my-org/other"],
        { fullName: OPEN.repository, private: false },
        { fullName: OPEN.fork, private: false, fork: true },
      ],
    },
  });
});
afterAll(() => applied?.stop());

/** The example as every suite of deployment.test.ts finds it, from its first hook on; each leaves it without jobs. */
export function deployment(): AppliedLab {
  if (applied === undefined) throw new Error("nothing is applied");
  return applied;
}
