/** What became of one check; `check` is stable, `title` and `text` are for people. */
export interface Finding {
  check: string;
  title: string;
  outcome: "pass" | "fail" | "skip";
  text: string;
  /** What to do; always there when the check failed. */
  fix?: string;
}

/** A judgement without its name. */
export type Verdict = { pass: string } | { fail: string; fix: string } | { skip: string; fix?: string };

/** What could be found out, or why that alone settles the check. */
export type Known<T> = { value: T } | Exclude<Verdict, { pass: string }>;

/** Judges what is known; what is not known judges itself. */
export function judge<T>(check: string, title: string, known: Known<T>, verdictOf: (value: T) => Verdict): Finding {
  const verdict = "value" in known ? verdictOf(known.value) : known;
  if ("pass" in verdict) return { check, title, outcome: "pass", text: verdict.pass };
  if ("fail" in verdict) return { check, title, outcome: "fail", text: verdict.fail, fix: verdict.fix };
  return {
    check,
    title,
    outcome: "skip",
    text: verdict.skip,
    ...(verdict.fix === undefined ? {} : { fix: verdict.fix }),
  };
}

/** Goes on from what is known. */
export async function andThen<T, U>(known: Known<T>, next: (value: T) => Promise<Known<U>>): Promise<Known<U>> {
  return "value" in known ? next(known.value) : known;
}

/** For a check that rests on another one, which says itself what is wrong. */
export function blockedBy<T>(known: Known<T>, title: string): Known<T> {
  return "fail" in known ? { skip: `needs "${title}" to pass` } : known;
}
