import * as v from "valibot";
import type { AwsAccess } from "../../cli/aws/resolve-aws.ts";
import { labelsOf, MAX_CONCURRENCY, type Run, type Stage } from "../run.ts";
import type { Ran } from "../world.ts";
import { assumeRole } from "./role.ts";

/** Sorts behind the example's own files. */
const OVERRIDE = "smoke_override.tf";
/** `terraform plan -detailed-exitcode` answers so where something would change. */
const CHANGES = 2;
/** A run that was killed leaves its Terraform behind, which holds the state until it has ended. */
const COMMON = ["-input=false", "-no-color", "-lock-timeout=30m"];

const shown = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ terraform_version: v.optional(v.string(), ""), values: v.optional(v.unknown()) }),
);

/** Applies `examples/github-app` for the scratch repository alone, and plans again. */
export const apply: Stage = {
  name: "apply",
  async carryOut(run) {
    const { world, journal, signal } = run;
    const started = performance.now();
    const as = await assumeRole(run);
    await world.configure({ [OVERRIDE]: overrideOf(run) });
    await succeed(await world.terraform(["init", "-input=false", "-no-color"], as, signal));
    // Until here there is nothing to destroy, nor anything to destroy it with.
    journal.notes.applying = true;
    await run.save();
    await succeed(await world.terraform(["apply", "-auto-approve", ...COMMON], as, signal));
    const seconds = Math.round((performance.now() - started) / 1_000);
    const plan = await world.terraform(["plan", "-detailed-exitcode", ...COMMON], as, signal);
    if (plan.exitCode === CHANGES) return [`a second plan would change something: ${lastLines(plan.stdout)}`];
    await succeed(plan);
    journal.notes.applied = { resources: (await managed(run, as)).length, seconds };
    const { stdout } = await world.terraform(["show", "-json"], as, signal);
    journal.notes.terraform = v.parse(shown, stdout).terraform_version;
    return [];
  },
};

/** Destroys what was applied; each try has new credentials. */
export const destroy: Stage = {
  name: "destroy",
  cleans: true,
  async carryOut(run) {
    const { world, journal, signal } = run;
    if (!journal.notes.applying) return [];
    const as = await assumeRole(run);
    await succeed(await world.terraform(["init", "-input=false", "-no-color"], as, signal));
    await succeed(await world.terraform(["destroy", "-auto-approve", ...COMMON], as, signal));
    return (await managed(run, as)).map((address) => `${address} is still in Terraform's state`);
  },
};

async function managed({ world, signal }: Run, as: AwsAccess): Promise<string[]> {
  const { stdout } = await world.terraform(["state", "list"], as, signal);
  return stdout.split("\n").filter((line) => line !== "" && !/(^|\.)data\./.test(line));
}

function overrideOf({ journal }: Run): string {
  const list = (values: readonly string[]) => `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
  const { prefix, repository, memoryMib } = journal;
  return [
    'module "gha_runner" {',
    `  name_prefix         = ${JSON.stringify(prefix)}`,
    `  github_repositories = ${list([repository])}`,
    `  required_labels     = ${list([prefix])}`,
    `  runner_labels       = ${list(labelsOf(prefix))}`,
    `  runner_memory_mib   = ${memoryMib}`,
    `  max_concurrency     = ${MAX_CONCURRENCY}`,
    "}",
    "",
  ].join("\n");
}

async function succeed({ exitCode, stdout, stderr }: Ran): Promise<void> {
  if (exitCode !== 0) throw new Error(`terraform ended in ${exitCode}: ${lastLines(stderr || stdout)}`);
}

const lastLines = (text: string) => text.trim().split("\n").slice(-20).join("\n");
