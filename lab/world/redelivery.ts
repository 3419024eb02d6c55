import type { Logger } from "../../contract/log.ts";
import type { DeliveryAttempt } from "../../dispatcher/core/views.ts";
import { NotFoundError } from "../../dispatcher/errors.ts";
import { redeliver } from "../../dispatcher/flows/redeliver.ts";
import type { HookDeliveries } from "../../dispatcher/ports.ts";
import type { CallGate, Invocation } from "./call-gate.ts";
import { createMemoryRedeliveryState } from "./services/memory-redelivery-state.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The schedule of the redeliver function. */
const PERIOD_SECONDS = 300;
const PAGE = 100;

export interface RedeliveryWorld {
  time: VirtualTime;
  gate: CallGate;
  log: Logger;
  /** Sends a delivery once more; whether it was taken. */
  deliver(body: string, guid: string): Promise<boolean>;
}

/** GitHub's list of deliveries, and the real redeliver function over it, run while there is anything to ask for. */
export function playRedelivery({ time, gate, log, deliver }: RedeliveryWorld) {
  const state = createMemoryRedeliveryState();
  const bodies = new Map<string, string>();
  const attempts: DeliveryAttempt[] = [];
  const open = new Set<string>();
  let planned = false;
  let runs = 0;

  /** Notes how an attempt at a delivery ended; 0: it got no answer. */
  function note(guid: string, action: string, body: string, statusCode: number): void {
    bodies.set(guid, body);
    attempts.unshift({
      id: String(attempts.length + 1),
      guid,
      event: "workflow_job",
      action,
      deliveredAt: time.now(),
      statusCode,
    });
    if (statusCode >= 200 && statusCode < 300) {
      open.delete(guid);
      return;
    }
    open.add(guid);
    plan();
  }

  function plan(): void {
    if (planned) return;
    planned = true;
    time.after(PERIOD_SECONDS - ((time.now().getTime() / 1_000) % PERIOD_SECONDS), () => {
      planned = false;
      run();
      if (open.size > 0) plan();
    });
  }

  const deliveries: HookDeliveries = {
    async list(_, cursor) {
      const from = cursor === undefined ? 0 : attempts.findIndex(({ id }) => id === cursor) + 1;
      const page = attempts.slice(from, from + PAGE);
      const last = page.at(-1);
      return { attempts: page, ...(last && attempts.length > from + PAGE ? { nextCursor: last.id } : {}) };
    },
    // GitHub answers at once and delivers after that.
    async redeliver(_, id) {
      const attempt = attempts.find((each) => each.id === id);
      const body = attempt && bodies.get(attempt.guid);
      if (attempt === undefined || body === undefined) throw new NotFoundError(`there is no delivery ${id}`);
      time.after(1, () => {
        void deliver(body, attempt.guid).then((taken) =>
          note(attempt.guid, attempt.action ?? "", body, taken ? 202 : 500),
        );
      });
    },
  };

  function run(): void {
    const invocation: Invocation = { dead: false, kill: () => {}, duplicate: () => {} };
    invocation.kill = () => {
      invocation.dead = true;
    };
    const guarded = gate.guard("hooks", deliveries, invocation);
    const counted = (spend: () => void): HookDeliveries => ({
      list: async (hook, cursor) => {
        spend();
        return guarded.list(hook, cursor);
      },
      redeliver: async (hook, id) => {
        spend();
        return guarded.redeliver(hook, id);
      },
    });
    const deps = {
      state: gate.guard("table", state, invocation),
      deliveries: counted,
      hooks: [{ kind: "app" as const }],
      clock: time,
      log,
    };
    const deadline = new Date(time.now().getTime() + 60_000);
    // A run that fails is followed by the next one.
    void redeliver(deps, { holder: `redeliver-${++runs}`, deadline }).catch(() => undefined);
  }

  return { note };
}
