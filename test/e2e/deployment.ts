import { afterAll, beforeAll } from "vitest";
import { type AppliedLab, applyLab } from "./applied-lab.ts";

/** A public repository that anybody may fork, and such a fork. */
export const OPEN = { repository: "my-org/open", fork: "somebody/open" };

let applied: AppliedLab | undefined;
beforeAll(async () => {
  applied = await applyLab({
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
