import type { LabClock } from "../clock.ts";
import type { PolicyDocument } from "./policy-document.ts";

/**
 * A role's policies, of which each counts only some time after it was written; until then what was there before does
 * (IAM guide, troubleshooting: changes are not always immediately visible). A deletion counts at once.
 */
export class SettlingPolicies extends Map<string, PolicyDocument> {
  readonly #clock: LabClock;
  readonly #settleMs: number;
  readonly #written = new Map<string, { at: number; before: PolicyDocument | undefined }>();

  constructor(clock: LabClock, settleMs: number) {
    super();
    this.#clock = clock;
    this.#settleMs = settleMs;
  }

  override set(name: string, policy: PolicyDocument): this {
    this.#written.set(name, { at: this.#clock.now(), before: this.settled().get(name) });
    return super.set(name, policy);
  }

  override delete(name: string): boolean {
    this.#written.delete(name);
    return super.delete(name);
  }

  /** The policies that count now. */
  settled(): ReadonlyMap<string, PolicyDocument> {
    const now = this.#clock.now();
    const counting = [...this].flatMap(([name, policy]): [string, PolicyDocument][] => {
      const { at = 0, before } = this.#written.get(name) ?? {};
      if (at + this.#settleMs <= now) return [[name, policy]];
      return before === undefined ? [] : [[name, before]];
    });
    return new Map(counting);
  }
}
