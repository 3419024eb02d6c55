/** The webhook's secret as both sides know it: GitHub signs with one, the functions accept a list, newest first. */
export interface WebhookSecrets {
  accepted(): string[];
  signing(): string;
  /** The functions accept a new one beside the old; GitHub still signs with the old. */
  add(): void;
  /** GitHub signs with the new one. */
  use(): void;
  /** The functions accept the new one only. */
  drop(): void;
}

/** A secret that was never replaced; docs/USAGE.md says in which order a rotation takes its three steps. */
export function createWebhookSecrets(): WebhookSecrets {
  let generation = 1;
  let signing = "the webhook secret of this world";
  let accepted = [signing];
  return {
    accepted: () => [...accepted],
    signing: () => signing,
    add() {
      generation++;
      accepted = [`webhook secret ${generation} of this world`, signing];
    },
    use() {
      signing = accepted[0] ?? signing;
    },
    drop() {
      accepted = accepted.slice(0, 1);
    },
  };
}
