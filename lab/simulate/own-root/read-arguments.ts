import { readdirSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";

/** Something is wrong with how the command was written; the message is for the person who wrote it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const ACTIONS = ["plan", "apply", "destroy", "shell"] as const;
export type Action = (typeof ACTIONS)[number];

export interface Request {
  action: Action;
  /** The root module, absolute. */
  root: string;
  /** `-var` and `-var-file`, for each of Terraform's commands; files are absolute. */
  variables: string[];
}

export const HELP = `npx projen lab -- plan|apply|destroy|shell DIR [-var NAME=VALUE]... [-var-file FILE]...

Runs Terraform on the root module in DIR against simulated providers of AWS and GitHub. No account is reached, and nothing
is written into DIR: Terraform works on a copy with a local backend. Each command starts an empty lab.

  plan     terraform plan
  apply    terraform apply, and a second plan, which must be empty
  destroy  terraform apply and destroy, after which nothing may be left
  shell    terraform init, and a shell in the copy with Terraform pointed at the running lab; the lab ends with it

-var and -var-file are Terraform's; a file is looked for in DIR, then here. TF_VAR_ variables and *.auto.tfvars count too.
The registry's address of the module leads to the module here; a backend or cloud block becomes a local one.
Behind the types that the module and its examples use stands a simulated AWS and GitHub. Other types of aws, awscc, github,
random, http, local, null, time and tls get made-up values, which no service checks, and are listed at the end; another
provider, or a type of which no installed package has the schema, is an error. Provisioners run for real.

Exit codes: 0 done; 1 Terraform failed, the second plan was not empty, or something was left; 2 wrong arguments, or no
Terraform 1.9 or later; 130 Ctrl-C. \`npx projen\` itself answers 1 for each but 0.`;

/** Reads the command line; answers `help` when that is asked for. Throws {@link UsageError} with one line. */
export function readArguments(args: readonly string[], here: string): Request | "help" {
  const given = args[0] === "--" ? args.slice(1) : args;
  if (given.some((argument) => ["-h", "-help", "--help"].includes(argument))) return "help";
  const [action, ...rest] = given;
  if (!isAction(action)) {
    const problem = action === undefined ? "a command is missing" : `there is no command ${action}`;
    throw new UsageError(`${problem}: write plan, apply, destroy or shell, and the folder of a root module`);
  }
  const { variables, folders } = sort(rest);
  const [folder, ...more] = folders;
  if (folder === undefined) throw new UsageError(`${action} needs the folder of a root module`);
  if (more.length > 0) throw new UsageError(`${action} takes one folder, not also ${more.join(" ")}`);
  const root = resolve(here, folder);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`${folder} is not a folder`);
  }
  if (!readdirSync(root).some((name) => /\.tf(\.json)?$/.test(name))) {
    throw new UsageError(`${folder} is no root module: it has no .tf files`);
  }
  return { action, root, variables: variables.map(([name, value]) => option(name, value, root, here)) };
}

function isAction(text: string | undefined): text is Action {
  return ACTIONS.some((action) => action === text);
}

/** Takes Terraform's spellings: one or two hyphens, and the value after `=` or as the next word. */
function sort(words: readonly string[]): { variables: [string, string][]; folders: string[] } {
  const variables: [string, string][] = [];
  const folders: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-")) {
      folders.push(word);
      continue;
    }
    const [, name = "", joined] = /^--?(var|var-file)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === "") throw new UsageError(`${word} is not passed on to Terraform: -var and -var-file are`);
    if (joined === undefined) index += 1;
    const value = joined ?? words[index];
    if (value === undefined) throw new UsageError(`${word} needs a value`);
    variables.push([name, value]);
  }
  return { variables, folders };
}

function option(name: string, value: string, root: string, here: string): string {
  if (name === "var") return `-var=${value}`;
  const places = isAbsolute(value) ? [value] : [join(root, value), resolve(here, value)];
  const found = places.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  if (found === undefined) throw new UsageError(`-var-file ${value}: there is no such file in the root module or here`);
  return `-var-file=${found}`;
}
