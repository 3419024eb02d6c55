import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { SUPERVISOR_ENTRY } from "../bundle/build-context.ts";
import { CLI_ENTRY, CLI_FILE, cliChanges } from "../bundle/bundle-cli.ts";
import { DISPATCHER_ENTRIES } from "../bundle/bundle-dispatcher.ts";
import { type BundleChanges, bundleWithInputs } from "../bundle/bundle-script.ts";
import { PROJECT_ROOT } from "../bundle/project-root.ts";

/** A package of npm of which code stands in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly licenceText: string;
  /** Of the package as npm serves it, in hexadecimal. */
  readonly sha512: string;
  /** The bundles that hold code of it, as `zip/file`, or as the file. */
  readonly bundles: readonly string[];
}

/** The bundles, by where they are delivered, and what each is made from. */
export const BUNDLES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(DISPATCHER_ENTRIES).map(([name, entry]) => [`dispatcher.zip/${name}`, entry])),
  [CLI_FILE]: CLI_ENTRY,
  "image.zip/supervisor.cjs": SUPERVISOR_ENTRY,
};

const CHANGES: Readonly<Record<string, BundleChanges>> = { [CLI_FILE]: cliChanges() };

/** The packages in the bundles, by name: what esbuild left in, not what was asked for or installed. */
export async function bundledPackages(): Promise<BundledPackage[]> {
  const bundlesByFolder = new Map<string, Set<string>>();
  for (const [bundle, entry] of Object.entries(BUNDLES)) {
    for (const path of (await bundleWithInputs(entry, PROJECT_ROOT, CHANGES[bundle])).inputs) {
      const folder = packageFolder(path);
      if (folder !== undefined) bundlesByFolder.set(folder, (bundlesByFolder.get(folder) ?? new Set()).add(bundle));
    }
  }
  const lock = await readLock();
  const described = [...bundlesByFolder].map(([folder, bundles]) => describe(folder, [...bundles].sort(), lock));
  const packages = withTexts(await Promise.all(described));
  return packages.sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** Some packages of a scope come without the text of their licence: that of their neighbours is theirs. */
function withTexts(packages: readonly Described[]): BundledPackage[] {
  const scopeOf = ({ name }: Described) => name.split("/")[0];
  return packages.map((each) => {
    const same = packages.filter((other) => scopeOf(other) === scopeOf(each) && other.licence === each.licence);
    const licenceText = each.licenceText ?? same.find((other) => other.licenceText !== undefined)?.licenceText;
    if (licenceText === undefined) throw new Error(`${each.name} is bundled, but has no licence text to pass on`);
    return { ...each, licenceText };
  });
}

type Described = Omit<BundledPackage, "licenceText"> & { readonly licenceText: string | undefined };

/** The folder of the package that a file belongs to, as the lock file writes it. */
export function packageFolder(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

async function readLock(): Promise<Record<string, LockedPackage>> {
  return JSON.parse(await readFile(join(PROJECT_ROOT, "package-lock.json"), "utf8")).packages;
}

async function describe(folder: string, bundles: string[], lock: Record<string, LockedPackage>): Promise<Described> {
  const { version, license, integrity } = lock[folder] ?? {};
  const sha512 = /^sha512-(\S+)$/.exec(integrity ?? "")?.[1];
  if (version === undefined || license === undefined || sha512 === undefined) {
    throw new Error(`package-lock.json lacks the version, the license or the sha512 of ${folder}, which is bundled`);
  }
  return {
    name: folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length),
    version,
    licence: license,
    licenceText: await readLicence(folder),
    sha512: Buffer.from(sha512, "base64").toString("hex"),
    bundles,
  };
}

async function readLicence(folder: string): Promise<string | undefined> {
  const file = (await readdir(join(PROJECT_ROOT, folder))).sort().find((name) => /^licen[cs]e(\.|$)/i.test(name));
  if (file === undefined) return undefined;
  return (await readFile(join(PROJECT_ROOT, folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
}
