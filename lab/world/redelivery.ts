import { hookKey, isRepeatable, MAX_AGE_MS } from "../../dispatcher/core/plan-redelivery.ts";
import type { DeliveryAttempt, WatchedHook } from "../../dispatcher/core/views.ts";
import { NotFoundError } from "../../dispatcher/errors.ts";
import { redeliver } from "../../dispatcher/flows/redeliver.ts";
import type { HookDeliveries } from "../../dispatcher/ports.ts";
import type { Invocation } from "./call-gate.ts";
import type { FunctionUrl } from "./function-url.ts";
import type { Parts } from "./parts.ts";
import { createMemoryRedeliveryState } from "./services/memory-redelivery-state.ts";
import type { WorldHook } from "./world-options.ts";

/** The schedule of the redeliver function, and its timeout. */
const PERIOD_SECONDS = 300;
const TIMEOUT_SECONDS = 60;
const PAGE = 100;
const APP: WorldHook = { hook: { kind: "app" } };

interface Attempts {
  attempts: DeliveryAttempt[];
  bodies: Map<string, string>;
}

/** GitHub's lists of deliveries, and the real redeliver function over them, run while there is anything to ask for. */
export function playRedelivery(parts: Parts, deliver: FunctionUrl["deliver"]) {
  const { time, gate, lambda, tally, options } = parts;
  const log = parts.logOf("redeliver");
  const hooks = options.hooks ?? [APP];
  const state = createMemoryRedeliveryState();
  const lists = new Map<string, Attempts>();
  /** What may be asked for again: when it was first tried, by its GUID. */
  const open = new Map<string, number>();
  let planned = false;
  let attemptsMade = 0;
  let runs = 0;

  function listOf(hook: WatchedHook): Attempts {
    const list = lists.get(hookKey(hook)) ?? { attempts: [], bodies: new Map<string, string>() };
    lists.set(hookKey(hook), list);
    return list;
  }

  /** Notes how an attempt at a delivery ended; 0: it got no answer. */
  function note(repository: string, guid: string, action: string, body: string, statusCode: number): void {
    const { hook } = hooks.find((each) => serves(each.hook, repository)) ?? APP;
    const { attempts, bodies } = listOf(hook);
    bodies.set(guid, body);
    const deliveredAt = gitHubsTime();
    attempts.unshift({ id: String(++attemptsMade), guid, event: "workflow_job", action, deliveredAt, statusCode });
    if (statusCode >= 200 && statusCode < 300) {
      open.delete(guid);
      return;
    }
    if (!isRepeatable("workflow_job", action)) return;
    if (!open.has(guid)) open.set(guid, time.now().getTime());
    plan();
  }

  function plan(): void {
    if (planned) return;
    planned = true;
    time.after(PERIOD_SECONDS - ((time.now().getTime() / 1_000) % PERIOD_SECONDS), () => {
      planned = false;
      if (options.invokesRedeliver?.(time.now()) ?? true) run();
      dropOlder(open, time.now().getTime() - MAX_AGE_MS - 3_600_000);
      if (open.size > 0 || options.invokesRedeliver) plan();
    });
  }
  if (options.invokesRedeliver) plan();

  function gitHubsTime(): Date {
    return new Date(time.now().getTime() + (options.gitHubSkewSeconds ?? 0) * 1_000);
  }

  function refuse(hook: WatchedHook): void {
    const error = hooks.find((each) => hookKey(each.hook) === hookKey(hook))?.refuses?.(time.now());
    if (error === undefined) return;
    tally.note("hook refused");
    throw error;
  }

  const deliveries = createDeliveries({
    listOf,
    refuse,
    gitHubsTime,
    send(hook, attempt, body) {
      const repository = hook.kind === "repository" ? hook.repository : "";
      time.after(1, () => {
        void deliver(body, attempt.guid).then((status) =>
          note(repository, attempt.guid, attempt.action ?? "", body, status),
        );
      });
    },
  });

  function run(): void {
    const invocation: Invocation = { dead: false, kill: () => {}, duplicate: () => {} };
    invocation.kill = () => {
      invocation.dead = true;
    };
    const guarded = gate.guard("hooks", deliveries, invocation);
    const clock = lambda.clock();
    const deps = {
      state: gate.guard("table", state, invocation),
      deliveries: (spend: () => void) => counted(guarded, spend),
      hooks: hooks.map(({ hook }) => hook),
      clock,
      log,
    };
    const deadline = new Date(clock.now().getTime() + TIMEOUT_SECONDS * 1_000);
    const ended = (outcome: "ended" | "failed") => options.observer?.invoked("redeliver", time.now(), outcome);
    // A run that fails is followed by the next one.
    void redeliver(deps, { holder: `redeliver-${++runs}`, deadline }).then(
      ({ unseen }) => ended(unseen === undefined ? "ended" : "failed"),
      () => ended("failed"),
    );
  }

  return { note };
}

function counted(deliveries: HookDeliveries, spend: () => void): HookDeliveries {
  return {
    list: async (hook, cursor) => {
      spend();
      return deliveries.list(hook, cursor);
    },
    redeliver: async (hook, id) => {
      spend();
      return deliveries.redeliver(hook, id);
    },
  };
}

// Nobody asks for them any more.
function dropOlder(open: Map<string, number>, beforeMs: number): void {
  for (const [guid, sinceMs] of open) if (sinceMs < beforeMs) open.delete(guid);
}

interface Lists {
  listOf(hook: WatchedHook): Attempts;
  /** Throws what GitHub answers for a hook that it refuses. */
  refuse(hook: WatchedHook): void;
  gitHubsTime(): Date;
  /** GitHub answers at once and delivers after that. */
  send(hook: WatchedHook, attempt: DeliveryAttempt, body: string): void;
}

function createDeliveries({ listOf, refuse, gitHubsTime, send }: Lists): HookDeliveries {
  return {
    async list(hook, cursor) {
      refuse(hook);
      const { attempts } = listOf(hook);
      const from = cursor === undefined ? 0 : attempts.findIndex(({ id }) => id === cursor) + 1;
      const page = attempts.slice(from, from + PAGE);
      const last = page.at(-1);
      return {
        attempts: page,
        readAt: gitHubsTime(),
        ...(last && attempts.length > from + PAGE ? { nextCursor: last.id } : {}),
      };
    },
    async redeliver(hook, id) {
      refuse(hook);
      const { attempts, bodies } = listOf(hook);
      const attempt = attempts.find((each) => each.id === id);
      const body = attempt && bodies.get(attempt.guid);
      if (attempt === undefined || body === undefined) throw new NotFoundError(`there is no delivery ${id}`);
      send(hook, attempt, body);
    },
  };
}

function serves(hook: WatchedHook, repository: string): boolean {
  switch (hook.kind) {
    case "app":
      return true;
    case "organization":
      return repository === "" || repository.startsWith(`${hook.organization}/`);
    case "repository":
      return hook.repository === repository;
  }
}
