import * as v from "valibot";

/** A release as GitHub's API describes it (`GET /repos/{owner}/{repo}/releases/latest`), as far as it is read here. */
export const releaseSchema = v.object({
  tag_name: v.pipe(v.string(), v.regex(/^v\d{1,4}\.\d{1,4}\.\d{1,4}$/, "a tag such as v1.2.3")),
  body: v.nullish(v.string(), ""),
  assets: v.array(
    v.object({
      name: v.string(),
      browser_download_url: v.pipe(v.string(), v.url()),
      digest: v.nullish(v.string()),
    }),
  ),
});
export type Release = v.InferOutput<typeof releaseSchema>;

/** Where a project's releases publish checksums of all their files, beside the digest that GitHub computes. */
const CHECKSUM_FILE = /(^|_)checksums\.txt$|^sha256sums(\.asc)?$/;

/** The release's file of checksums, where it has one. */
export function checksumFileOf({ assets }: Release): Release["assets"][number] | undefined {
  return assets.find(({ name }) => CHECKSUM_FILE.test(name));
}

/**
 * The published SHA-256 of one file of a release, and who says so: the release notes, the file of checksums, the digest
 * of the asset. Throws when none does, or when two of them differ.
 */
export function publishedChecksum(
  release: Release,
  file: string,
  checksumFile: string,
): { sha256: string; sources: string[] } {
  const asset = release.assets.find(({ name }) => name === file);
  if (asset === undefined) throw new Error(`${release.tag_name} has no file ${file}: its name may have changed`);
  const said: [string, string | undefined][] = [
    ["release notes (BEGIN SHA linux-arm64)", inNotes(release, file)],
    [checksumFileOf(release)?.name ?? "", inChecksumFile(checksumFile, file)],
    ["digest of the release asset", /^sha256:([0-9a-f]{64})$/.exec(asset.digest ?? "")?.[1]],
  ];
  const found = said.flatMap(([source, sha256]) => (sha256 === undefined ? [] : [{ source, sha256 }]));
  const [first] = found;
  if (first === undefined) throw new Error(`${release.tag_name} publishes no SHA-256 of ${file}`);
  if (found.some(({ sha256 }) => sha256 !== first.sha256)) {
    throw new Error(
      `${release.tag_name} publishes different checksums of ${file}: ${found.map(({ source, sha256 }) => `${sha256} in ${source}`).join(", ")}`,
    );
  }
  return { sha256: first.sha256, sources: found.map(({ source }) => source) };
}

/** Only actions/runner has these marks. */
function inNotes({ body }: Release, file: string): string | undefined {
  const line = body.split("\n").find((text) => text.includes(file) && text.includes("BEGIN SHA linux-arm64 "));
  return /<!-- BEGIN SHA linux-arm64 -->([0-9a-f]{64})<!-- END SHA linux-arm64 -->/.exec(line ?? "")?.[1];
}

/** Lines as `sha256sum` writes them. */
function inChecksumFile(text: string, file: string): string | undefined {
  return text
    .split("\n")
    .map((line) => /^([0-9a-f]{64}) [ *](.+?)\r?$/.exec(line))
    .find((match) => match?.[2] === file)?.[1];
}
