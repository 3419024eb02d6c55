/** Ids as GitHub gives them, the same for the same seed. */
export interface Ids {
  /** The next id of a kind; ids of a kind rise. */
  next(kind: IdKind): number;
  uuid(): string;
  /** Text of letters and digits, as in tokens. */
  text(length: number): string;
  hex(length: number): string;
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number;
}

export type IdKind = keyof typeof FIRST;

/** Of the size that GitHub's are today, so that nothing relies on small ones. */
const FIRST = {
  app: 1_204_500,
  delivery: 61_482_113_905_152,
  hook: 497_120_000,
  installation: 58_310_000,
  job: 41_204_500_000,
  owner: 97_300_000,
  repository: 812_400_000,
  run: 14_618_900_000,
  runner: 20,
  runNumber: 0,
};

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A source of ids; the same seed gives the same ids in the same order. */
export function createIds(seed: number): Ids {
  const last: Record<IdKind, number> = { ...FIRST };
  const random = mulberry32(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join("");
  const hex = (length: number) => pick("0123456789abcdef", length);
  return {
    next(kind) {
      last[kind] += FIRST[kind] < 1_000 ? 1 : 1 + below(9);
      return last[kind];
    },
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    text: (length) => pick(LETTERS, length),
    hex,
    below,
  };
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
