import { globSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLE_VARIABLES } from "../../lab/example-variables.ts";
import { isSource } from "../../lab/terraform/terraform.ts";
import { PROJECT_ROOT } from "../../src/bundle/project-root.ts";
import { runProgram } from "../run-program.ts";
import { lowestOverride, requiredIn } from "./lowest-versions.ts";
import type { Target } from "./target.ts";

export const VERSIONS = ["lowest", "newest"] as const;
export type Versions = (typeof VERSIONS)[number];

export interface Attempt {
  /** Terraform or OpenTofu: a path, or a name on the PATH. */
  tool: string;
  versions: readonly Versions[];
  examples: readonly string[];
  /** Where the providers look for AWS and GitHub; undefined: nothing is planned or applied. */
  target: Target | undefined;
  apply: boolean;
  /** Files of the module's tests; all where none is named. */
  tests?: readonly string[];
  say(text: string): void;
}

/** Override files sort by their names, and the last one counts. */
const OVERRIDE = "zzz_real_providers_override.tf";
/** `plan -detailed-exitcode` answers so where something would change. */
const CHANGES = 2;

/**
 * Runs Terraform on the module and the examples with the providers that its own CLI configuration leads to. Answers what does not
 * hold, each in a sentence.
 */
export async function tryProviders(attempt: Attempt): Promise<string[]> {
  const findings: string[] = [];
  for (const versions of attempt.versions) {
    const roots = [
      { name: "module", play: testModule },
      ...attempt.examples.map((name) => ({ name: `examples/${name}`, play: tryExample })),
    ];
    for (const { name, play } of roots) {
      const what = `${name}, ${versions} versions`;
      try {
        attempt.say(`${what}: ${(await inCopy(attempt, name, versions, play)).join(", ")}`);
      } catch (error: unknown) {
        findings.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return findings;
}

interface Root {
  attempt: Attempt;
  name: string;
  /** Runs a command; throws with what it said unless its exit code is one of these. */
  run(args: readonly string[], ...codes: number[]): Promise<{ status: number; stdout: string }>;
}

type Play = (root: Root) => Promise<string[]>;

async function inCopy(attempt: Attempt, name: string, versions: Versions, play: Play): Promise<string[]> {
  const top = await mkdtemp(join(tmpdir(), "real-providers-root-"));
  try {
    for (const folder of new Set(["module", name])) {
      await mkdir(join(top, folder), { recursive: true });
      await cp(join(PROJECT_ROOT, folder), join(top, folder), { recursive: true, filter: isSource });
    }
    const dir = join(top, name);
    const files = globSync("*.tf", { cwd: dir }).map((file) => readFile(join(dir, file), "utf8"));
    const names = requiredIn((await Promise.all(files)).join("\n"));
    if (versions === "lowest") await writeFile(join(dir, OVERRIDE), lowestOverride(names));
    const env = { ...attempt.target?.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
    const run: Root["run"] = async (args, ...codes) => {
      const { status, stdout, stderr } = await runProgram(attempt.tool, args, { cwd: dir, env });
      if ([0, ...codes].includes(status ?? -1)) return { status: status ?? 0, stdout };
      const said = (stderr || stdout).trim().split("\n").slice(-12).join("\n");
      throw new Error(`${args[0]} ended in ${status ?? "a signal"}:\n${said}`);
    };
    if (attempt.target !== undefined && name !== "module") await configure(dir, name, attempt.target);
    await run(["init", "-input=false", "-no-color", ...(versions === "newest" ? ["-upgrade"] : [])]);
    await run(["validate", "-no-color"]);
    return [await selected(dir), ...(await play({ attempt, name, run }))];
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

/** The providers that were chosen, by the lock file. */
async function selected(dir: string): Promise<string> {
  const lock = await readFile(join(dir, ".terraform.lock.hcl"), "utf8").catch(() => "");
  const found = [...lock.matchAll(/^provider "[^"]*\/([^"/]+)" \{\n +version += "([^"]+)"/gm)];
  return found.map(([, name, version]) => `${name} ${version}`).join(" ");
}

async function testModule({ attempt, run }: Root): Promise<string[]> {
  const filters = (attempt.tests ?? []).map((file) => `-filter=tests/${file}`);
  const { stdout } = await run(["test", "-no-color", ...filters]);
  const [, passed] = /^Success! (\d+) passed, 0 failed/m.exec(stdout) ?? [];
  if (passed === undefined) throw new Error(`test says ${stdout.slice(-300)}`);
  return [`test: ${passed} passed`];
}

async function tryExample({ attempt, run }: Root): Promise<string[]> {
  if (attempt.target === undefined) return ["validated"];
  const plan = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];
  const { stdout } = await run(plan, CHANGES);
  const planned = /^Plan: (\d+) to add/m.exec(stdout)?.[1] ?? "no resource";
  if (!attempt.apply) return [`planned ${planned}`];
  const destroy = () => run(["destroy", "-input=false", "-no-color", "-auto-approve"]);
  const apply = run(["apply", "-input=false", "-no-color", "-auto-approve"]).then(() => run(plan, CHANGES));
  const again = await apply.catch(async (error: unknown) => {
    // All examples have the same names: what half an apply made would be the next one's finding too.
    await destroy().catch(() => undefined);
    throw error;
  });
  await destroy();
  if (again.status === CHANGES) throw new Error(`a second plan would change something:\n${again.stdout.slice(-1_000)}`);
  const left = (await run(["state", "list"])).stdout.trim();
  if (left !== "") throw new Error(`destroy left ${left.replaceAll("\n", ", ")}`);
  return [`applied ${planned}, planned again without a change, destroyed`];
}

/** The example's own variables, and an address of GitHub for those that have none. */
async function configure(dir: string, name: string, { appKey, variables }: Target): Promise<void> {
  const text = await readFile(join(dir, "variables.tf"), "utf8").catch(() => "");
  const own = Object.entries(variables).filter(([variable]) => text.includes(`variable "${variable}"`));
  const extra = EXAMPLE_VARIABLES[name.replace(/^examples\//, "")] ?? {};
  await writeFile(join(dir, "real.auto.tfvars.json"), JSON.stringify({ ...Object.fromEntries(own), ...extra }));
  await writeFile(join(dir, "app.pem"), appKey, { mode: 0o600 });
}
