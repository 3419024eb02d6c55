const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** What an answer to the finish call means: an HTTP status, or the name of the error that came instead of one. */
export function classifyFinishAnswer(answer: number | string): "accepted" | "refused" | "again" {
  if (typeof answer === "string") return "again";
  if (answer >= 200 && answer < 300) return "accepted";
  return answer === 408 || answer === 429 || answer >= 500 ? "again" : "refused";
}

/** The pause after attempt number `attempt`: it doubles, and half of it is left to `random` (0 to 1). */
export function finishPauseMs(attempt: number, random: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return Math.round(longest * (0.5 + random / 2));
}
