/** The configuration of an image's version, as GetMicrovmImageVersion shows it and UpdateMicrovmImage takes it. */

export type ImageConfiguration = Readonly<Record<string, unknown>>;

/** What a version has beside its configuration; whatever else it shows is sent back, known here or not. */
const OUTPUTS: ReadonlySet<string> = new Set([
  "imageArn",
  "imageVersion",
  "state",
  "status",
  "stateReason",
  "createdAt",
  "updatedAt",
  "tags",
]);

/** The body of an update that changes nothing but what is given. An update resets whatever it leaves out. */
export function updateOf(
  shown: ImageConfiguration,
  change: { uri: string; baseMajor: string },
): Record<string, unknown> {
  const configuration = Object.entries(shown).filter(([name, value]) => !OUTPUTS.has(name) && value !== null);
  return {
    ...Object.fromEntries(configuration),
    codeArtifact: { ...objectOf(shown.codeArtifact), uri: change.uri },
    // Shown as `1.0`, and refused unless it is the major number alone.
    baseImageVersion: change.baseMajor,
  };
}

/** Major number of a base image's version, such as `1` of `1.0`. */
export function majorOf(version: string): string {
  return version.split(".", 1).join("");
}

function objectOf(value: unknown): object | null {
  return typeof value === "object" ? value : null;
}
