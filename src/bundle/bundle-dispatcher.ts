import { basename, join } from "node:path";
import { build, transform } from "esbuild";
import { bundleOptions } from "./bundle-script.ts";
import { PROJECT_ROOT } from "./project-root.ts";

/** The files of `dispatcher.zip` that functions start from, and what each is bundled from. */
export const DISPATCHER_ENTRIES = {
  "dispatcher.js": "dispatcher/handlers/control.ts",
  "refresh.js": "dispatcher/handlers/refresh.ts",
  "webhook.js": "dispatcher/handlers/webhook.ts",
} as const;

/**
 * The files of `dispatcher.zip`: each function's own, which loads no other's code, and what several have in common. esbuild
 * splits ES modules only, so they become CommonJS, which starts faster, after that.
 */
export async function bundleDispatcher(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    ...bundleOptions(PROJECT_ROOT),
    entryPoints: Object.entries(DISPATCHER_ENTRIES).map(([name, entry]) => ({
      in: entry,
      out: name.replace(/\.js$/, ""),
    })),
    outdir: join(PROJECT_ROOT, "dist"),
    format: "esm",
    splitting: true,
    chunkNames: "shared-[hash]",
    write: false,
  });
  const files = outputFiles.map(async ({ path, text }): Promise<[string, string]> => {
    const { code } = await transform(text, { format: "cjs", minify: true, target: "node24", charset: "utf8" });
    return [basename(path), code];
  });
  return new Map(await Promise.all(files));
}
