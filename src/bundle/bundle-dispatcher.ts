import { basename, join } from "node:path";
import { build, type OutputFile, transform } from "esbuild";
import { bundleOptions, bundleScript } from "./bundle-script.ts";
import { PROJECT_ROOT } from "./project-root.ts";

/** The files of `dispatcher.zip`, each of which functions start from, and what each is bundled from. */
export const DISPATCHER_ENTRIES = {
  "dispatcher.js": "dispatcher/handlers/control.ts",
  "refresh.js": "dispatcher/handlers/refresh.ts",
  "webhook.js": "dispatcher/handlers/webhook.ts",
} as const;

const LENDER = "dispatcher.js" as const;
const BORROWER = "refresh.js" as const;
const FOLDER = join(PROJECT_ROOT, "dist");

/**
 * The files of `dispatcher.zip`. GitHub and jobs wait for the webhook and the dispatcher function, and each further file costs
 * a start more than what it holds: so each of the two is one file. Nobody waits for `refresh`: it takes from the dispatcher's
 * file what both have, which would else be in the zip twice.
 */
export async function bundleDispatcher(): Promise<Map<string, string>> {
  const [webhook, [lender, borrower]] = await Promise.all([
    bundleScript(DISPATCHER_ENTRIES["webhook.js"]),
    bundleLender(),
  ]);
  return new Map([
    [LENDER, lender],
    [BORROWER, borrower],
    ["webhook.js", webhook],
  ]);
}

async function bundleLender(): Promise<[lender: string, borrower: string]> {
  const files = await split();
  const shared = [...files.keys()].find((name) => name.startsWith("shared-"));
  const borrower = files.get(BORROWER);
  if (shared === undefined || borrower === undefined || files.size !== 3) {
    throw new Error(`esbuild split ${LENDER} and ${BORROWER} into ${[...files.keys()].join(", ")}`);
  }
  const { code } = await transform(borrower.replaceAll(`"./${shared}"`, `"./${LENDER}"`), {
    ...{ format: "cjs", minify: true, target: "node24", charset: "utf8" },
  });
  return [await joined(files, shared, importedNames(borrower, shared)), code];
}

function importedNames(text: string, file: string): string {
  const [, names] = new RegExp(`\\bimport\\s*\\{([^}]+)\\}\\s*from\\s*"\\./${file}"`).exec(text) ?? [];
  if (names === undefined) throw new Error(`nothing is imported from ${file}`);
  return names
    .split(",")
    .map((name) => name.trim().split(/\s/)[0])
    .join(", ");
}

/** Both files and what they have in common, as ES modules: esbuild splits no others. */
async function split(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    ...bundleOptions(PROJECT_ROOT),
    entryPoints: ([LENDER, BORROWER] as const).map((name) => ({
      in: DISPATCHER_ENTRIES[name],
      out: name.replace(/\.js$/, ""),
    })),
    outdir: FOLDER,
    format: "esm",
    splitting: true,
    chunkNames: "shared-[hash]",
    write: false,
  });
  return new Map(outputFiles.map(({ path, text }: OutputFile) => [basename(path), text]));
}

/** The lender as one CommonJS file, which exports what it lends beside its own. */
async function joined(files: ReadonlyMap<string, string>, shared: string, lent: string): Promise<string> {
  const { outputFiles } = await build({
    ...bundleOptions(PROJECT_ROOT),
    stdin: {
      contents: `export * from "./${LENDER}";\nexport { ${lent} } from "./${shared}";`,
      resolveDir: FOLDER,
    },
    plugins: [
      {
        name: "in-memory",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\/[^/]+\.js$/ }, ({ path }) => ({ path: basename(path), namespace: "split" }));
          onLoad({ filter: /.*/, namespace: "split" }, ({ path }) => ({
            contents: files.get(path) ?? "",
            loader: "js",
          }));
        },
      },
    ],
    format: "cjs",
    write: false,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild wrote nothing for ${LENDER}`);
  return output.text;
}
