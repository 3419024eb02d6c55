import type { AwsReader } from "../cli/aws/aws-reader.ts";
import type { Deployment } from "../cli/aws/find-deployment.ts";
import type { Kind } from "./core/kinds.ts";
import type { Journal } from "./journal.ts";
import type { World } from "./world.ts";

/** What a stage works with. */
export interface Run {
  readonly world: World;
  readonly journal: Journal;
  readonly kinds: readonly Kind[];
  /** Aborted by Ctrl-C, but not while a run is cleaned up. */
  readonly signal: AbortSignal;
  /** With the caller's own rights. */
  readonly aws: AwsReader;
  say(text: string): void;
  /** What was typed. */
  ask(question: string): Promise<string>;
  /** Keeps the journal's notes. */
  save(): Promise<void>;
  /** Throws a UsageError where nothing is deployed. */
  deployment(): Promise<Deployment>;
}

/** One part of a run. Each may be cut off at any moment and carried out again from its beginning. */
export interface Stage {
  name: string;
  /** Cleans up: carried out whatever became of those before. */
  cleans?: true;
  /** What is wrong; an empty list where nothing is. */
  carryOut(run: Run): Promise<string[]>;
}

/** What a run costs is bounded by it too, whatever else is queued in the repository. */
export const MAX_CONCURRENCY = 25;

/** Labels that only a run's own jobs ask for. */
export function labelsOf(prefix: string): string[] {
  return ["self-hosted", "linux", "arm64", prefix];
}

/** The role that Terraform's calls are made with: not one of those whose names the published policy covers. */
export function roleNameOf(prefix: string): string {
  return `smoke-${prefix}`;
}
