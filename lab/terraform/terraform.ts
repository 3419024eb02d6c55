import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Values } from "./behaviour.ts";
import { findTerraform } from "./find-terraform.ts";
import {
  expectSuccess,
  type LiveRun,
  type Run,
  runTerraform,
  startTerraform,
  TerraformError,
} from "./run-terraform.ts";

export { findTerraform, TerraformMissingError } from "./find-terraform.ts";
export { checkFormat, type Run, TerraformError } from "./run-terraform.ts";

export interface ResourceChange {
  address: string;
  type: string;
  name: string;
  /** Where it stood before a `moved` block. */
  previous_address?: string;
  change: { actions: string[]; before: unknown; after: unknown; after_unknown: unknown };
}

/** The parts that are used of `terraform show -json` of a plan. */
export interface Plan {
  /** Whether anything would change. */
  changes: boolean;
  resource_changes: ResourceChange[];
  output_changes: Record<string, { actions: string[] }>;
  checks: { address: { to_display: string; kind: string }; status: string }[];
  run: Run;
}

export interface StateResource {
  address: string;
  mode: "managed" | "data";
  type: string;
  name: string;
  index?: string | number;
  /** Whether Terraform will make it anew. */
  tainted?: boolean;
  values: Values;
}

export interface Output {
  sensitive: boolean;
  type: unknown;
  value: unknown;
}

/** What Terraform has to say against a configuration. */
export interface Diagnostic {
  severity: "error" | "warning";
  summary: string;
  detail: string;
  /** First line of the block that it is about, such as `module "gha_runner"`. */
  block: string;
}

export interface WorkspaceOptions {
  /** File name to contents, such as `main.tf`; folders are made. */
  files?: Record<string, string>;
  /** A folder whose contents are copied to the top of the workspace, or folders by the name that each gets in it. */
  copyOf?: string | Record<string, string>;
  /** The folder in the workspace in which Terraform runs; the top when absent. */
  root?: string;
  /** What `serveProviders` returned, and more if need be. */
  env?: Record<string, string>;
  /** Input variables, for every command that takes them. */
  variables?: Record<string, unknown>;
}

export interface Workspace {
  /** Where Terraform runs. */
  readonly dir: string;
  /** Writes files, relative to where Terraform runs. */
  write(files: Record<string, string>): Promise<void>;
  /** Adds to the environment of later runs: providers that must be told where the workspace is come after it. */
  setEnv(env: Record<string, string>): void;
  /** Replaces the input variables. */
  setVariables(variables: Record<string, unknown>): Promise<void>;
  /** Starts any command; how it went is told when it has ended. */
  start(...args: string[]): Promise<LiveRun>;
  /** Runs any command, whatever its exit code; every other method throws {@link TerraformError} when the run fails. */
  run(...args: string[]): Promise<Run>;
  init(): Promise<Run>;
  validate(): Promise<Run>;
  /** Saves the plan for `apply` and returns it. */
  plan(...args: string[]): Promise<Plan>;
  /** Plans without saving and says whether anything would change. */
  hasChanges(...args: string[]): Promise<boolean>;
  /** Plans without saving and returns what stands against it: an empty list when nothing does. Never throws for it. */
  diagnose(...args: string[]): Promise<Diagnostic[]>;
  /** Applies the saved plan, or plans and applies when there is none. */
  apply(...args: string[]): Promise<Run>;
  /** Every resource of the state, child modules included. */
  resources(): Promise<StateResource[]>;
  outputs(): Promise<Record<string, Output>>;
  destroy(...args: string[]): Promise<Run>;
  /** `terraform test`, whose exit code says whether all passed. */
  test(...args: string[]): Promise<Run>;
  close(): Promise<void>;
}

const PLAN_FILE = "lab.tfplan";
/** How `terraform plan -detailed-exitcode` says that there are changes. */
const CHANGES = 2;
const VARIABLES_FILE = "lab.auto.tfvars.json";

/** A folder outside the repository in which `terraform` runs. */
export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  await findTerraform();
  const top = await mkdtemp(join(tmpdir(), "terraform-workspace-"));
  const dir = join(top, options.root ?? ".");
  await copyFolders(options.copyOf ?? {}, top);
  await mkdir(dir, { recursive: true });
  let env = { ...options.env };
  let planned = false;

  const write = async (files: Record<string, string>) => {
    for (const [name, contents] of Object.entries(files)) {
      const path = join(dir, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, contents);
    }
  };
  const setVariables = (variables: Record<string, unknown>) => write({ [VARIABLES_FILE]: JSON.stringify(variables) });
  const run = (command: string, ...args: string[]) => runTerraform([command, ...args], { cwd: dir, env });
  const check = async (command: string, ...args: string[]) => expectSuccess(await run(command, "-no-color", ...args));
  const json = async (command: string, ...args: string[]): Promise<unknown> =>
    JSON.parse((await check(command, "-json", ...args)).stdout);
  const detailed = async (...args: string[]) => {
    const made = await run("plan", "-no-color", "-input=false", "-detailed-exitcode", ...args);
    if (made.exitCode !== 0 && made.exitCode !== CHANGES) throw new TerraformError(made);
    return made;
  };

  await write(options.files ?? {});
  if (options.variables !== undefined) await setVariables(options.variables);
  return {
    dir,
    write,
    setVariables,
    run: (...args) => runTerraform(args, { cwd: dir, env }),
    start: (...args) => startTerraform(args, { cwd: dir, env }),
    setEnv(more) {
      env = { ...env, ...more };
    },
    init: () => check("init", "-input=false"),
    validate: () => check("validate"),
    hasChanges: async (...args) => (await detailed(...args)).exitCode === CHANGES,
    async plan(...args) {
      const made = await detailed(`-out=${PLAN_FILE}`, ...args);
      planned = true;
      // The shape is Terraform's documented JSON output format.
      const shown = (await json("show", PLAN_FILE)) as Partial<Plan>;
      const { resource_changes = [], output_changes = {}, checks = [] } = shown;
      return { changes: made.exitCode === CHANGES, resource_changes, output_changes, checks, run: made };
    },
    diagnose: async (...args) => diagnosticsOf(await run("plan", "-json", "-input=false", ...args)),
    apply(...args) {
      const saved = planned ? [PLAN_FILE] : ["-auto-approve"];
      planned = false;
      return check("apply", "-input=false", ...args, ...saved);
    },
    async resources() {
      const shown = (await json("show")) as { values?: { root_module?: StateModule } };
      return collect(shown.values?.root_module);
    },
    outputs: async () => (await json("output")) as Record<string, Output>,
    destroy: (...args) => check("destroy", "-input=false", "-auto-approve", ...args),
    test: (...args) => run("test", "-no-color", ...args),
    close: () => rm(top, { recursive: true, force: true }),
  };
}

async function copyFolders(copyOf: string | Record<string, string>, top: string): Promise<void> {
  const folders = typeof copyOf === "string" ? { ".": copyOf } : copyOf;
  for (const [name, source] of Object.entries(folders)) {
    await cp(source, join(top, name), { recursive: true, filter: isSource });
  }
}

/** What Terraform itself leaves in a folder is no part of a configuration. */
export function isSource(path: string): boolean {
  return !/(^|\/)(\.terraform|\.terraform\.lock\.hcl|[^/]*\.tfstate(\.backup)?)$/.test(path);
}

interface StateModule {
  resources?: StateResource[];
  child_modules?: StateModule[];
}

function collect(module: StateModule | undefined): StateResource[] {
  if (module === undefined) return [];
  return [...(module.resources ?? []), ...(module.child_modules ?? []).flatMap(collect)];
}

/** One line of the machine-readable UI, of those that carry a diagnostic. */
interface UiLine {
  type?: string;
  diagnostic?: {
    severity: Diagnostic["severity"];
    summary: string;
    detail?: string;
    snippet?: { context?: string | null };
  };
}

function diagnosticsOf(run: Run): Diagnostic[] {
  const found = run.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line): Diagnostic[] => {
      const { type, diagnostic }: UiLine = JSON.parse(line);
      if (type !== "diagnostic" || diagnostic === undefined) return [];
      const { severity, summary, detail = "", snippet } = diagnostic;
      return [{ severity, summary, detail, block: snippet?.context ?? "" }];
    });
  const errors = found.some(({ severity }) => severity === "error");
  if (run.exitCode !== 0 && !errors) throw new TerraformError(run);
  return found;
}
