import type { Change } from "./next-version.ts";

export interface ChangelogParts {
  readonly version: string;
  readonly date: Date;
  readonly changes: readonly Change[];
  /** `CHANGELOG.md` of the source: what a person wrote of a version goes before what commits say. */
  readonly written: string;
  /** `CHANGELOG.md` of the previous release. */
  readonly previous: string;
}

const HEADINGS = { breaking: "Breaking changes", feature: "Added", fix: "Fixed" } as const;

/** The changelog of a release: its own section, then those of the releases before it. */
export function composeChangelog({ version, date, changes, written, previous }: ChangelogParts): string {
  const text = sectionsOf(written).get(version) ?? derivedSection(changes);
  const own = `## ${version} (${date.toISOString().slice(0, 10)})\n\n${text}`;
  const older =
    [...sectionsOf(previous).values()].length === 0 ? [] : [previous.slice(previous.search(/^## /m)).trim()];
  return `${["# Changelog", own, ...older].join("\n\n")}\n`;
}

/** What a changelog says of one version, without its heading. */
export function sectionOf(changelog: string, version: string): string | undefined {
  return sectionsOf(changelog).get(version);
}

/** The sections by version, without their headings. */
function sectionsOf(changelog: string): Map<string, string> {
  const sections = changelog.split(/^## (?=\d)/m).slice(1);
  return new Map(
    sections.map((section): [string, string] => {
      const [heading = "", ...lines] = section.split("\n");
      return [heading.split(" ")[0] ?? "", lines.join("\n").trim()];
    }),
  );
}

function derivedSection(changes: readonly Change[]): string {
  const parts = Object.entries(HEADINGS).flatMap(([kind, heading]) => {
    const items = changes.filter((change) => change.kind === kind).map(({ text }) => `- ${text}`);
    return items.length === 0 ? [] : [`### ${heading}\n\n${items.join("\n")}`];
  });
  return parts.length === 0 ? "What the module bundles was upgraded; nothing to do for users." : parts.join("\n\n");
}
