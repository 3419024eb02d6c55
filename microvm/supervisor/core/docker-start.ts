/** A command that sets up the network rules of containers, by its name or path. */
export type FrontEnd = string;

const PAUSES_MS = [500, 1_000, 2_000, 3_000];

/**
 * The pause after the start of dockerd number `start` came to nothing. On a MicroVM that has just started, dockerd may
 * meet a network that is not there yet; the time until its bound is all there is to lose.
 */
export function dockerPauseMs(start: number): number {
  return PAUSES_MS[Math.min(start, PAUSES_MS.length) - 1] ?? 0;
}

/**
 * Which front-end of iptables start number `start` (from 1) takes: those that answered in turn, all of them where none
 * did.
 */
export function frontEndFor(start: number, frontEnds: readonly { name: FrontEnd; answers: boolean }[]): FrontEnd {
  const answering = frontEnds.filter(({ answers }) => answers);
  const usable = answering.length > 0 ? answering : frontEnds;
  return usable[(start - 1) % usable.length]?.name ?? "iptables";
}
