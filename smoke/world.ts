import type { AwsAccess } from "../cli/aws/resolve-aws.ts";
import type { AskGitHub } from "../cli/github/ask-github.ts";
import type { Environment } from "../dispatcher/config.ts";
import type { Kind } from "./core/kinds.ts";

/** How a program ended. */
export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** How long things are waited for, in milliseconds. */
export interface Pace {
  /** Between two looks at the jobs. */
  lookMs: number;
  /** Jobs of which nothing changes for so long have stopped. */
  silenceMs: number;
  /** What IAM is given until it knows a new role everywhere. */
  settleMs: number;
  /** How old a client token is when it is used again. */
  tokenAgesMs: readonly number[];
}

/** Where a run happens: an account and GitHub, or the lab. */
export interface World {
  readonly kind: "account" | "lab";
  /** The caller's own. */
  readonly access: AwsAccess;
  /** With the endpoints of AWS's services, where they are not the public ones. */
  readonly environment: Environment;
  /** The organization's scratch repository, `owner/name`. */
  readonly repository: string;
  readonly github: AskGitHub;
  /** With which `where` asks; undefined: as the App. */
  readonly githubToken: string | undefined;
  readonly pace: Pace;
  /** What a run would lack later, each in a sentence. Changes nothing. */
  lacking(): Promise<string[]>;
  now(): Date;
  /** Ends early, by an error, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** What the example says of an App, its key and its repository's owner is there already. */
  configure(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs Terraform in the example with these credentials. */
  terraform(args: readonly string[], as: AwsAccess, signal: AbortSignal): Promise<Ran>;
  /** Begins the jobs of a kind, and answers their run's id. */
  begin(kind: Kind, labels: readonly string[]): Promise<number>;
  cancel(runId: number): Promise<void>;
  /** Cancels what was begun and is not over, also what a killed run did not note. */
  cancelRest(): Promise<void>;
  /** Takes back what `begin` left on GitHub beside runs. */
  tidy(): Promise<void>;
  /** Called before each stage. */
  before?(stage: string): Promise<void>;
}
