/** What `npm outdated --json` says of a package. */
export interface Outdated {
  readonly current?: string;
  readonly latest: string;
}

/** What `npm outdated --json` printed; throws what it complained of. */
export function readOutdated(run: { status: number | null; stdout: string; stderr: string }): Record<string, Outdated> {
  // One says that there is something to upgrade.
  if (run.status !== 0 && run.status !== 1) throw new Error(`npm outdated failed: ${run.stderr}`);
  const packages: Record<string, Outdated> = JSON.parse(run.stdout || "{}");
  // A failure's word stands where packages do; a package has versions.
  if (packages.error !== undefined && !("latest" in packages.error))
    throw new Error(`npm outdated failed: ${run.stdout}`);
  return packages;
}

/**
 * `.projenrc.ts` with the newest versions of the packages that it names; a new major is for a person to take. A version
 * is named as `name@1.2.3`, as a key of `VERSIONS`, or, for projen and Biome, alone.
 */
export function upgradeVersions(text: string, outdated: Readonly<Record<string, Outdated>>): string {
  let upgraded = text;
  for (const [name, { current, latest }] of Object.entries(outdated)) {
    if (current === undefined || current.split(".")[0] !== latest.split(".")[0]) continue;
    upgraded = upgraded.replaceAll(`"${name}@${current}"`, `"${name}@${latest}"`);
    const key = new RegExp(`\`${name}@\\$\\{VERSIONS\\.(\\w+)\\}\``).exec(text)?.[1];
    if (key !== undefined) upgraded = upgraded.replace(`${key}: "${current}"`, `${key}: "${latest}"`);
    const alone = { projen: "projenVersion", "@biomejs/biome": "version" }[name];
    if (alone !== undefined) upgraded = upgraded.replace(`${alone}: "${current}"`, `${alone}: "${latest}"`);
  }
  return upgraded;
}
