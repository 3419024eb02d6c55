import { afterEach, describe, expect, it } from "vitest";
import { setUp } from "./set-up.ts";
import { keyPolicy, type SetupLab, startSetupLab } from "./setup-lab.ts";
import { WAYS } from "./ways.ts";

let lab: SetupLab;
afterEach(async () => {
  lab.github.assertFaithful();
  await lab.stop();
});

describe("set-up ends in a main.tf", () => {
  it.each(WAYS)(
    "for $name, with these permissions and no other",
    async ({ github, owner, args, permissions, main }) => {
      lab = await startSetupLab(github, keyPolicy(args));
      const run = await setUp(lab, args, owner === undefined ? {} : { owner });

      expect(run.exitCode, run.terminal.text()).toBe(3);
      for (const pattern of main) expect(run.main).toMatch(pattern);
      const [, made, ...more] = lab.github.apps();
      expect(more).toEqual([]);
      expect(made?.permissions).toEqual(permissions);
      expect(run.main + run.terminal.text() + run.said()).not.toContain("PRIVATE KEY");
      const unused = keyPolicy(args)
        .Statement.flatMap(({ Action }) => Action)
        .filter((action) => !lab.aws.iam.decisions().some((each) => each.allowed && each.action === action));
      expect(unused).toEqual(["ssm:DeleteParameter"]);
    },
  );
});
