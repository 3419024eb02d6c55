import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { PROJECT_ROOT } from "./project-root.ts";

/** Parts of `@octokit/auth-app` that nothing of ours comes to. */
const UNUSED = ["@octokit/auth-oauth-app", "@octokit/auth-oauth-user", "universal-github-app-jwt", "toad-cache"];
const APP_ALONE = join(PROJECT_ROOT, "src/bundle/app-alone.ts");

/** How everything that is bundled is: minified for Node 24, with nothing left in it that is not used. */
export function bundleOptions(root: string) {
  return {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    treeShaking: true,
    platform: "node",
    target: "node24",
    // ES modules first: what is not used of them can be left out.
    mainFields: ["module", "main"] as string[],
    alias: Object.fromEntries(UNUSED.map((name) => [name, APP_ALONE])),
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
  } as const satisfies BuildOptions;
}

/** One CommonJS file with everything that the TypeScript entry needs, minified for Node 24. */
export async function bundleScript(entry: string, root: string = PROJECT_ROOT): Promise<string> {
  return (await bundleWithInputs(entry, root)).text;
}

/** As {@link bundleScript}, with the paths of the files of which something is left in it. */
export async function bundleWithInputs(
  entry: string,
  root: string = PROJECT_ROOT,
): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    ...bundleOptions(root),
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
