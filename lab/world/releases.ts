/** A calendar of the runner's releases, played again and again. */

export interface CalendarRelease {
  version: string;
  publishedMs: number;
  /** When GitHub began to refuse it; null for the last. */
  refusedMs: number | null;
}

const DAY_MS = 24 * 3_600_000;

/**
 * Releases of actions/runner with the day of each. `known`: it stands in public text; `derived`: put evenly between
 * those that are known.
 */
export const CALENDAR: readonly { version: string; published: string; date: "known" | "derived" }[] = [
  { version: "2.327.0", published: "2025-07-22", date: "derived" },
  { version: "2.328.0", published: "2025-08-31", date: "derived" },
  { version: "2.329.0", published: "2025-10-10", date: "derived" },
  { version: "2.330.0", published: "2025-11-19", date: "derived" },
  { version: "2.331.0", published: "2025-12-29", date: "derived" },
  { version: "2.332.0", published: "2026-02-07", date: "derived" },
  // github.com/servo/ci-runners, pull 128
  { version: "2.333.0", published: "2026-03-18", date: "known" },
  { version: "2.334.0", published: "2026-04-28", date: "derived" },
  // github.com/servo/ci-runners, pull 152
  { version: "2.335.0", published: "2026-06-08", date: "known" },
  { version: "2.335.1", published: "2026-07-08", date: "derived" },
  { version: "2.336.0", published: "2026-07-23", date: "derived" },
  // 63 days, the usual grace, before the refusal of 2.336.0
  { version: "2.337.0", published: "2026-09-03", date: "derived" },
  // its release page
  { version: "2.338.0", published: "2026-10-06", date: "known" },
];

/** Days from a release until the one before is refused, as seen five times: GitHub itself promises 30. */
const GRACES_DAYS = [62, 63, 63, 65, 71];
/** From the last release to the first of the next round. */
const GAP_DAYS = 30;

/** The calendar, `rounds` times in a row; each round's versions are higher than the one's before. */
export function playedReleases(rounds: number, options: { graceDays?: number } = {}): CalendarRelease[] {
  const first = Date.parse(CALENDAR[0]?.published ?? "");
  const last = Date.parse(CALENDAR.at(-1)?.published ?? "");
  const roundMs = last - first + GAP_DAYS * DAY_MS;
  const releases = Array.from({ length: rounds }, (_, round) =>
    CALENDAR.map(({ version, published }) => ({
      version: laterRound(version, round),
      publishedMs: Date.parse(published) + round * roundMs,
    })),
  ).flat();
  return releases.map((release, index) => {
    const successor = releases[index + 1];
    const graceDays = options.graceDays ?? GRACES_DAYS[index % GRACES_DAYS.length] ?? 0;
    return { ...release, refusedMs: successor === undefined ? null : successor.publishedMs + graceDays * DAY_MS };
  });
}

function laterRound(version: string, round: number): string {
  const [major = "", minor = "", patch = ""] = version.split(".");
  return `${major}.${Number(minor) + 20 * round}.${patch}`;
}
