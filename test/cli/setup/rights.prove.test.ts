import { expect, it, onTestFinished } from "vitest";
import { setUp } from "./set-up.ts";
import { keyPolicy, type SetupPolicy, startSetupLab } from "./setup-lab.ts";

const WAYS: readonly (readonly string[])[] = [
  ["--key", "ssm"],
  ["--key", "secretsmanager"],
  ["--key", "kms", "--webhook", "app"],
];

const actionsOf = (policy: SetupPolicy) => policy.Statement.flatMap(({ Action }) => Action);

/** Each published right, with the first way that uses it; `remove` alone deletes. */
const CASES = WAYS.flatMap((args, index) =>
  actionsOf(keyPolicy(args))
    .filter((action) => action !== "ssm:DeleteParameter")
    .filter((action) => index === 0 || !actionsOf(keyPolicy([])).includes(action))
    .map((action) => ({ action, args })),
);

function without(policy: SetupPolicy, action: string): SetupPolicy {
  const Statement = policy.Statement.map((each) => ({ ...each, Action: each.Action.filter((one) => one !== action) }));
  return { ...policy, Statement: Statement.filter(({ Action }) => Action.length > 0) };
}

it.each(CASES)("set-up without the right to $action names it", async ({ action, args }) => {
  const lab = await startSetupLab({}, without(keyPolicy(args), action));
  onTestFinished(() => lab.stop());
  const run = await setUp(lab, args, { isInteractive: false });

  expect(`${run.terminal.text()} ${run.said()}`.replaceAll(/\s+/g, " ")).toContain(action);
});

it("remove without the right to delete names it, and takes nothing else for done", async () => {
  const lab = await startSetupLab({}, without(keyPolicy([]), "ssm:DeleteParameter"));
  onTestFinished(() => lab.stop());
  await setUp(lab, []);
  const run = lab.run(["--yes"], { command: "remove" });

  expect(await run.code).not.toBe(0);
  expect(`${run.terminal.text()} ${run.said()}`).toContain("ssm:DeleteParameter");
});
