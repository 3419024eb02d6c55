import { type Account, regionalArn } from "../account.ts";
import { AwsError } from "../aws-error.ts";
import type { LabClock } from "../clock.ts";
import { EMULATOR_ACCOUNT, type Emulators } from "./emulators.ts";

export interface QueueMessages {
  visible: number;
  delayed: number;
  inFlight: number;
  /** Bodies of all of them. */
  bodies: string[];
}

export interface Queues {
  /** Throws for a name that was deleted a moment ago. */
  create(name: string, attributes: Record<string, string>): void;
  /** How long a name is refused yet. */
  heldMs(name: string): number;
  setAttributes(name: string, attributes: Record<string, string>): void;
  delete(name: string): void;
  has(name: string): boolean;
  names(): string[];
  arn(name: string): string;
  url(name: string): string;
  visibilityTimeoutSeconds(name: string): number;
  messages(name: string): QueueMessages;
  /** Makes messages visible at once that are in flight, as if their visibility timeout had ended. */
  releaseInFlight(name: string): void;
  /** Makes messages visible at once that are delayed. */
  releaseDelayed(name: string): void;
}

/** The account's queues, kept by fauxqs. */
export function createQueues(
  account: Account,
  { sqs }: Emulators,
  clock: Pick<LabClock, "now">,
  nameHoldMs = 60_000,
): Queues {
  const deletedAt = new Map<string, number>();
  const emulatorArn = (name: string) => `arn:aws:sqs:${account.region}:${EMULATOR_ACCOUNT}:${name}`;
  const toEmulator = (attributes: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [
        key,
        value.replaceAll(`:${account.accountId}:`, `:${EMULATOR_ACCOUNT}:`),
      ]),
    );

  function queue(name: string) {
    const found = sqs.getQueueByArn(emulatorArn(name));
    if (found === undefined) throw new Error(`queue ${name} does not exist`);
    return found;
  }

  const held = (name: string) => {
    const at = deletedAt.get(name);
    return at === undefined ? 0 : Math.max(0, at + nameHoldMs - clock.now());
  };
  const url = (name: string) => `https://sqs.${account.region}.amazonaws.com/${account.accountId}/${name}`;
  return {
    create(name, attributes) {
      if (held(name) > 0) {
        // SQS API reference, CreateQueue: QueueDeletedRecently.
        throw new AwsError(
          "AWS.SimpleQueueService.QueueDeletedRecently",
          400,
          "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        );
      }
      sqs.createQueue(name, url(name), emulatorArn(name), toEmulator(attributes), {});
    },
    heldMs: held,
    setAttributes: (name, attributes) => queue(name).setAttributes(toEmulator(attributes)),
    delete(name) {
      sqs.deleteQueue(queue(name).url);
      deletedAt.set(name, clock.now());
    },
    has: (name) => sqs.getQueueByArn(emulatorArn(name)) !== undefined,
    names: () => [...sqs.allQueues()].map((each) => each.name),
    arn: (name) => regionalArn(account, "sqs", name),
    url,
    visibilityTimeoutSeconds: (name) => Number(queue(name).getAttribute("VisibilityTimeout") ?? "30"),
    messages(name) {
      const found = queue(name);
      found.processTimers();
      const { ready, delayed, inflight } = found.inspectMessages();
      return {
        visible: ready.length,
        delayed: delayed.length,
        inFlight: inflight.length,
        bodies: [...ready, ...delayed, ...inflight.map((entry) => entry.message)].map((message) => message.body),
      };
    },
    releaseInFlight(name) {
      const found = queue(name);
      for (const entry of found.inflightMessages.values()) entry.visibilityDeadline = 0;
      found.processTimers();
    },
    releaseDelayed(name) {
      const found = queue(name);
      for (const message of found.delayedMessages) message.delayUntil = 0;
      found.processTimers();
    },
  };
}
