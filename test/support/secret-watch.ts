import { inspect } from "node:util";
import { expect } from "vitest";

export interface SecretWatch {
  /** The same port, each of whose errors is looked at. */
  watch<T extends object>(port: T): T;
  /** Adds something that no error may show. */
  addSecret(secret: string): void;
  /** Fails when an error showed a secret, or when there was no error to look at. */
  expectNoLeak(): void;
}

/** Looks through every error that a port throws, in every form in which a log could write it, for secrets. */
export function createSecretWatch(): SecretWatch {
  const secrets = new Set<string>();
  const errors: unknown[] = [];
  return {
    watch: (port) =>
      new Proxy(port, {
        get(target, name, receiver) {
          const member: unknown = Reflect.get(target, name, receiver);
          if (typeof member !== "function") return member;
          return (...args: unknown[]) => {
            const result: unknown = Reflect.apply(member, target, args);
            if (result instanceof Promise) result.catch((error: unknown) => errors.push(error));
            return result;
          };
        },
      }),
    addSecret(secret) {
      secrets.add(secret);
    },
    expectNoLeak() {
      expect(errors.length).toBeGreaterThan(0);
      expect(secrets.size).toBeGreaterThan(0);
      const text = errors.map(everythingOf).join("\n");
      for (const secret of secrets) {
        for (const form of [secret, Buffer.from(secret).toString("base64"), JSON.stringify(secret).slice(1, -1)]) {
          expect(text.includes(form), "an error shows a secret").toBe(false);
        }
      }
    },
  };
}

/** An error with all that hangs on it: message, stack, own fields, causes, and its JSON. */
export function everythingOf(error: unknown): string {
  const parts = [inspect(error, { depth: 20, showHidden: true, maxStringLength: null }), String(error)];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    parts.push(cause.stack ?? "", cause.message, JSON.stringify(cause, Object.getOwnPropertyNames(cause)));
    parts.push(JSON.stringify("details" in cause ? cause.details : {}));
  }
  return parts.join("\n");
}
