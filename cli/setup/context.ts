import { parseSecret } from "../../dispatcher/config.ts";
import type { AccountReader } from "../aws/account-reader.ts";
import type { AccountWriter } from "../aws/account-writer.ts";
import type { AwsReader } from "../aws/aws-reader.ts";
import { UsageError } from "../usage-error.ts";
import type { GitHubPlace } from "./core/github-place.ts";
import { recordName, type SetupRecord, setupRecord } from "./core/setup-record.ts";
import type { KeyPlace } from "./key-place.ts";
import type { Terminal } from "./terminal.ts";

/** What the command line says of set-up. */
export interface SetupFlags {
  readonly owner?: string | undefined;
  /** Names without their owner. */
  readonly repositories?: readonly string[] | undefined;
  readonly webhook?: string | undefined;
  readonly runnerGroupId?: number | undefined;
  readonly github: string;
  /** Absent: as before, else `ssm`. */
  readonly key?: string | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly port: number;
  readonly browser: boolean;
  readonly appId?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Takes every proposal. */
  readonly yes: boolean;
  readonly rotateKey: boolean;
}

/** What every step works with. */
export interface SetupContext {
  readonly prefix: string;
  readonly region: string;
  readonly account: string;
  /** Where `main.tf` is written. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly flags: SetupFlags;
  readonly terminal: Terminal;
  readonly aws: AwsReader;
  readonly reader: AccountReader;
  readonly writer: AccountWriter;
  readonly place: GitHubPlace;
  keyPlace(kind: string): KeyPlace;
  openBrowser(url: string): void;
  /** How long GitHub is left alone between two looks. */
  readonly pollMs: number;
  now(): Date;
}

/**
 * How far set-up got, which decides the exit code: done, a check failed, could not look, waits for a person or an
 * apply.
 */
export type Outcome = 0 | 1 | 2 | 3;

/** What set-up kept of an earlier run. */
export async function readRecord({
  writer,
  prefix,
}: Pick<SetupContext, "writer" | "prefix">): Promise<SetupRecord | undefined> {
  const text = await writer.parameter(recordName(prefix));
  return text === undefined ? undefined : parseSecret(setupRecord, recordName(prefix), text);
}

export async function writeRecord({ writer, prefix }: SetupContext, record: SetupRecord): Promise<SetupRecord> {
  await writer.putParameter({ name: recordName(prefix), value: JSON.stringify(record), secure: false });
  return record;
}

/** An answer, or with `--yes` the proposal; throws a UsageError where nobody can be asked. */
export async function answer(
  { flags, terminal }: Pick<SetupContext, "flags" | "terminal">,
  question: string,
  proposal: string,
): Promise<string> {
  if (flags.yes) return proposal;
  if (!terminal.isInteractive) throw new UsageError(`nobody can answer "${question}": --yes takes what is proposed`);
  return terminal.ask(question, proposal);
}
