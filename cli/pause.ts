import { DispatcherError } from "../dispatcher/errors.ts";
import type { Deployment } from "./aws/find-deployment.ts";
import type { PauseFlag } from "./aws/pause-flag.ts";
import { type Pause, whoPaused } from "./core/judge-pause.ts";
import { UsageError } from "./usage-error.ts";

export interface PauseOptions {
  deployment: Deployment;
  flag: PauseFlag;
  /** Whose credentials these are. */
  who(): Promise<string>;
  now(): Date;
}

/** What became of it, in a sentence; `paused`: as it is now, by whatever. */
export interface Paused {
  paused: boolean;
  flag: Pause | undefined;
  text: string;
}

const MEANWHILE = "jobs wait, and what runs goes on to its end";

/** Has nothing launched from now on. */
export async function pause({ flag, who, now }: PauseOptions, why: string): Promise<Paused> {
  const next = { by: await asked(who), at: now().toISOString(), why };
  await asked(() => flag.write(next));
  return { paused: true, flag: next, text: `paused: ${MEANWHILE}; gha-microvm resume goes on` };
}

/** Has jobs launched again, unless Terraform pauses them too. */
export async function resume({ flag, deployment }: PauseOptions): Promise<Paused> {
  const before = await asked(() => flag.read());
  if (before !== undefined) await asked(() => flag.write(undefined));
  if (deployment.settings.PAUSED) {
    return { paused: true, flag: undefined, text: "still paused by the input paused: set it to false and apply" };
  }
  const was = before === undefined ? "it was not paused" : `resumed: ${whoPaused(before)}`;
  return { paused: false, flag: undefined, text: `${was}; jobs that wait are launched within three minutes` };
}

/** The same for programs: fields may be added to it, never renamed. */
export function pausedDocument({ paused, flag, text }: Paused): object {
  return { version: 1, paused, by: flag?.by ?? null, at: flag?.at ?? null, why: flag?.why ?? null, text };
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error: unknown) {
    throw error instanceof DispatcherError ? new UsageError(error.message) : error;
  }
}
