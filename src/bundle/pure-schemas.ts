import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

const IMPORT = /^import \* as v from "valibot";$/m;
/** What makes a schema; what applies one stays, because it may be called for what it throws. */
const MAKES_A_SCHEMA = /(?<![\w.$])v\.(?!(?:assert|is|parse|parser|safeParse|safeParser)(?:Async)?\()\w+\(/g;

/**
 * Has bundles leave out the schemas that they do not use. valibot marks its functions as free of effects, but esbuild
 * heeds such a mark in the function's own file only: here each call gets one. A spread or a member read within it still
 * counts as an effect.
 */
export const pureSchemas: Plugin = {
  name: "pure-schemas",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const contents = await readFile(path, "utf8");
      return { contents: IMPORT.test(contents) ? markCalls(contents) : contents, loader: "ts" };
    });
  },
};

/** The source with each call that makes a schema marked. */
export function markCalls(source: string): string {
  return source.replaceAll(MAKES_A_SCHEMA, "/* @__PURE__ */ $&");
}
