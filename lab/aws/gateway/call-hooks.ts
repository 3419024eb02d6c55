import type { AwsError } from "../aws-error.ts";
import type { Caller } from "../iam/iam.ts";
import type { Reply } from "./service.ts";
import type { RawRequest } from "./verify-signature.ts";

/** One call to AWS that got past the signature check. */
export interface GatewayCall {
  id: number;
  at: number;
  service: string;
  operation: string;
  caller: Caller;
  /** As it came over the wire. */
  request: RawRequest;
  body: Buffer;
  /** What the service answered; present in hooks that run after it. */
  reply?: Reply;
  /** The caller was killed at this call; before the service saw it, it never does. */
  killed?: true;
}

/** `fail` answers with the error instead; `disconnect` closes the connection without an answer. */
export type HookOutcome = undefined | { fail: AwsError } | "disconnect";

export interface CallFilter {
  /** SigV4 signing name: `sqs`, `dynamodb`, `ssm`, `lambda`, `s3`. */
  service?: string;
  operation?: string;
  role?: string;
  /** Before the service sees the call, or after it took effect; before, when absent. */
  phase?: "before" | "after";
  /** How many calls to catch; all, when absent. */
  times?: number;
}

/** May wait, and says what becomes of the call. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing lets the call pass.
export type CallHook = (call: GatewayCall) => HookOutcome | void | Promise<HookOutcome | void>;

export interface CallHooks {
  on(filter: CallFilter, hook: CallHook): () => void;
  run(phase: "before" | "after", call: GatewayCall): Promise<HookOutcome>;
}

/** Hooks around calls. */
export function createCallHooks(): CallHooks {
  const entries = new Set<{ filter: CallFilter; hook: CallHook; left: number }>();
  return {
    on(filter, hook) {
      const entry = { filter, hook, left: filter.times ?? Number.POSITIVE_INFINITY };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    async run(phase, call) {
      for (const entry of [...entries]) {
        const { filter } = entry;
        if (entry.left <= 0 || (filter.phase ?? "before") !== phase) continue;
        if (filter.service !== undefined && filter.service !== call.service) continue;
        if (filter.operation !== undefined && filter.operation !== call.operation) continue;
        if (filter.role !== undefined && filter.role !== call.caller.roleName) continue;
        entry.left -= 1;
        const outcome = await entry.hook(call);
        if (outcome !== undefined) return outcome;
      }
      return undefined;
    },
  };
}
