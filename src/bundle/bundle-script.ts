import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { PROJECT_ROOT } from "./project-root.ts";
import { pureSchemas } from "./pure-schemas.ts";

const APP_ALONE = join(PROJECT_ROOT, "src/bundle/app-alone.ts");
/** Parts of Octokit that nothing of ours comes to, and what Node 24 has itself. */
const REPLACED = {
  "@octokit/auth-oauth-app": APP_ALONE,
  "@octokit/auth-oauth-user": APP_ALONE,
  "universal-github-app-jwt": APP_ALONE,
  "universal-user-agent": APP_ALONE,
  "toad-cache": APP_ALONE,
  "json-with-bigint": join(PROJECT_ROOT, "src/bundle/native-json.ts"),
};

/** How everything that is bundled is: minified for Node 24, with nothing left in it that is not used. */
export function bundleOptions(root: string) {
  return {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    treeShaking: true,
    platform: "node",
    target: "node24",
    // Else esbuild makes a call of valibot's expression for emoji, which stays though nothing uses it.
    supported: { "regexp-unicode-property-escapes": true },
    // ES modules first: what is not used of them can be left out.
    mainFields: ["module", "main"] as string[],
    alias: REPLACED,
    plugins: [pureSchemas],
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
  } as const satisfies BuildOptions;
}

/** What one bundle has otherwise than the others. */
export type BundleChanges = Pick<BuildOptions, "target" | "banner" | "define">;

/** One CommonJS file with everything that the TypeScript entry needs, minified for Node 24. */
export async function bundleScript(
  entry: string,
  root: string = PROJECT_ROOT,
  changes: BundleChanges = {},
): Promise<string> {
  return (await bundleWithInputs(entry, root, changes)).text;
}

/** As {@link bundleScript}, with the paths of the files of which something is left in it. */
export async function bundleWithInputs(
  entry: string,
  root: string = PROJECT_ROOT,
  changes: BundleChanges = {},
): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    ...bundleOptions(root),
    ...changes,
    entryPoints: [entry],
    format: "cjs",
    write: false,
    metafile: true,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
  const inputs = Object.values(metafile.outputs).flatMap((file) => Object.entries(file.inputs));
  return {
    text: output.text,
    inputs: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
  };
}
