import { deflateSync } from "fflate";
import { type BundleChanges, bundleScript } from "./bundle-script.ts";

export const CLI_ENTRY = "cli/main.ts";
export const CLI_FILE = "gha-microvm.cjs";

/** The oldest Node.js that the commands run on. */
const NEEDED = 22;

/**
 * The first statement of the file: whoever has an older Node reads this sentence and no syntax error.
 */
const FIRST = [
  'if(Number(process.versions.node.split(".")[0])<',
  `${NEEDED}){console.error("gha-microvm: Node.js ${NEEDED} or later is needed, and this is "+process.versions.node);process.exit(2)}`,
].join("");

/** How the commands are bundled; without a version they say that they are of no release. */
export function cliChanges(version?: string): BundleChanges {
  return {
    target: "node18",
    define: version === undefined ? {} : { GHA_MICROVM_VERSION: JSON.stringify(version) },
  };
}

/**
 * The commands for users as one file, which needs nothing but Node.js. What is bundled stands deflated in it: as text
 * it would be almost half of what each `terraform init` downloads.
 */
export async function bundleCli(version?: string): Promise<string> {
  const text = (await bundleScript(CLI_ENTRY, undefined, cliChanges(version))).replace(/^#!.*\n/, "");
  const packed = Buffer.from(deflateSync(Buffer.from(text), { level: 9 })).toString("base64");
  return ["#!/usr/bin/env node", FIRST, ...LOADER, `run("${packed}");`, ""].join("\n");
}

const LOADER = [
  "// The commands, deflated: npx projen bundle-cli makes the same file from the sources.",
  "function run(packed){",
  'const text=require("node:zlib").inflateRawSync(Buffer.from(packed,"base64")).toString();',
  'const names=["require","module","exports","__filename","__dirname"];',
  'require("node:vm").compileFunction(text,names,{filename:__filename})(require,module,exports,__filename,__dirname);',
  "}",
];
