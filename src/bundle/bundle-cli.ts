import { type BundleChanges, bundleScript } from "./bundle-script.ts";

export const CLI_ENTRY = "cli/main.ts";
export const CLI_FILE = "gha-microvm.cjs";

/** The oldest Node.js that the commands run on. */
const NEEDED = 22;

/**
 * The first statement of the file. Everything behind it is read before it runs, so the file is written for a Node that is older
 * than the one that is asked for: whoever has that reads this sentence and no syntax error.
 */
const FIRST = [
  'if(Number(process.versions.node.split(".")[0])<',
  `${NEEDED}){console.error("gha-microvm: Node.js ${NEEDED} or later is needed, and this is "+process.versions.node);process.exit(2)}`,
].join("");

/** How the commands are bundled; without a version they say that they are of no release. */
export function cliChanges(version?: string): BundleChanges {
  return {
    target: "node18",
    banner: { js: FIRST },
    define: version === undefined ? {} : { GHA_MICROVM_VERSION: JSON.stringify(version) },
  };
}

/** The commands for users as one file, which needs nothing but Node.js. */
export function bundleCli(version?: string): Promise<string> {
  return bundleScript(CLI_ENTRY, undefined, cliChanges(version));
}
