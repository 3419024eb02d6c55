import { basename, join } from "node:path";
import { build, type OutputFile, transform } from "esbuild";
import { bundleOptions, bundleScript } from "./bundle-script.ts";
import { PROJECT_ROOT } from "./project-root.ts";
import { smaller } from "./smaller.ts";

/** The files of `dispatcher.zip`, each of which functions start from, and what each is bundled from. */
export const DISPATCHER_ENTRIES = {
  "dispatcher.js": "dispatcher/handlers/dispatcher.ts",
  "scheduled.js": "dispatcher/handlers/scheduled.ts",
  "webhook.js": "dispatcher/handlers/webhook.ts",
} as const;

const LENDER = "dispatcher.js" as const;
const BORROWER = "scheduled.js" as const;
const FOLDER = join(PROJECT_ROOT, "dist");

/**
 * The files of `dispatcher.zip`. GitHub and jobs wait for the webhook and the dispatcher function, and each further
 * file costs a start more than what it holds: so each of the two is one file. Nobody waits for what a schedule invokes:
 * it takes from the dispatcher's file what both have, which would else be in the zip twice.
 */
export async function bundleDispatcher(): Promise<Map<string, string>> {
  const [webhook, [lender, borrower]] = await Promise.all([
    bundleScript(DISPATCHER_ENTRIES["webhook.js"]),
    bundleLender(),
  ]);
  const files = [
    [LENDER, lender],
    [BORROWER, borrower],
    ["webhook.js", webhook],
  ] as const;
  return new Map(files.map(([name, text]) => [name, smaller(name, text)]));
}

async function bundleLender(): Promise<[lender: string, borrower: string]> {
  const files = await split();
  const shared = [...files.keys()].find((name) => name.startsWith("shared-"));
  const text = files.get(BORROWER)?.text;
  if (shared === undefined || text === undefined || files.size !== 3) {
    throw new Error(`esbuild split ${LENDER} and ${BORROWER} into ${[...files.keys()].join(", ")}`);
  }
  const { statement, names } = importOf(text, shared);
  const taken = names.map(([, as]) => as).join(", ");
  const borrower = text.replace(statement, `const [${taken}] = require("./${LENDER}").lent;`);
  const { code } = await transform(borrower, { format: "cjs", minify: true, target: "node24", charset: "utf8" });
  const lent = names.map(([name]) => name);
  return [await joined(files, shared, lent), code];
}

/** What a file imports from another, by its name there and here. */
function importOf(text: string, file: string): { statement: string; names: [string, string][] } {
  const [statement, list] = new RegExp(`\\bimport\\s*\\{([^}]+)\\}\\s*from\\s*"\\./${file}";`).exec(text) ?? [];
  if (statement === undefined || list === undefined) throw new Error(`nothing is imported from ${file}`);
  const names = list.split(",").map((each): [string, string] => {
    const [name = "", as = name] = each.trim().split(" as ");
    return [name, as];
  });
  return { statement, names };
}

interface SplitFile {
  text: string;
  exports: readonly string[];
}

/** Both files and what they have in common, as ES modules: esbuild splits no others. */
async function split(): Promise<Map<string, SplitFile>> {
  const { outputFiles, metafile } = await build({
    ...bundleOptions(PROJECT_ROOT),
    entryPoints: ([LENDER, BORROWER] as const).map((name) => ({
      in: DISPATCHER_ENTRIES[name],
      out: name.replace(/\.js$/, ""),
    })),
    outdir: FOLDER,
    format: "esm",
    splitting: true,
    chunkNames: "shared-[hash]",
    metafile: true,
    write: false,
  });
  const exported = new Map(Object.entries(metafile.outputs).map(([path, { exports }]) => [basename(path), exports]));
  return new Map(
    outputFiles.map(({ path, text }: OutputFile) => {
      const name = basename(path);
      return [name, { text, exports: exported.get(name) ?? [] }];
    }),
  );
}

/**
 * The lender as one CommonJS file. It assigns its exports itself, without what esbuild would add to have them told from
 * afar: so it is no larger than it would be if it lent nothing.
 */
async function joined(files: ReadonlyMap<string, SplitFile>, shared: string, lent: readonly string[]): Promise<string> {
  const own = files.get(LENDER)?.exports ?? [];
  const { outputFiles } = await build({
    ...bundleOptions(PROJECT_ROOT),
    stdin: {
      contents: [
        `import { ${own.join(", ")} } from "./${LENDER}";`,
        `import { ${lent.map((name, index) => `${name} as lent${index}`).join(", ")} } from "./${shared}";`,
        ...own.map((name) => `exports.${name} = ${name};`),
        `exports.lent = [${lent.map((_, index) => `lent${index}`).join(", ")}];`,
      ].join("\n"),
      resolveDir: FOLDER,
    },
    plugins: [
      {
        name: "in-memory",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\/[^/]+\.js$/ }, ({ path }) => ({ path: basename(path), namespace: "split" }));
          onLoad({ filter: /.*/, namespace: "split" }, ({ path }) => ({
            contents: files.get(path)?.text ?? "",
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
