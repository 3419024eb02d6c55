import { buildContext } from "./bundle/build-context.ts";
import { bundleDispatcher } from "./bundle/bundle-dispatcher.ts";
import { deterministicZip } from "./bundle/deterministic-zip.ts";
import { renderReadme } from "./docs/render-readme.ts";
import { blank, comment } from "./hcl/build.ts";
import { printBody } from "./hcl/print.ts";
import { buildModule, type ModuleFile } from "./module/build-module.ts";
import { moduleTests } from "./module-tests.ts";
import { bundledPackages } from "./release/bundled-packages.ts";
import { printNotices } from "./release/print-notices.ts";

/** Every file of the module, by its path in it; nothing is written. */
export async function generateModule(): Promise<Map<string, string | Uint8Array>> {
  const files = buildModule();
  const [handlers, context, readme, packages] = await Promise.all([
    bundleDispatcher(),
    buildContext(),
    renderReadme([...files.values()].flatMap(({ body }) => body)),
    bundledPackages(),
  ]);
  const image = Object.entries(context);
  return new Map<string, string | Uint8Array>([
    ...printFiles(files),
    ...image.map(([name, text]): [string, string] => [`image/${name}`, text]),
    ["dispatcher.zip", await deterministicZip(handlers)],
    ["image.zip", await deterministicZip(new Map(image))],
    ["README.md", readme],
    ["THIRD-PARTY-NOTICES.txt", printNotices(packages)],
    ...(await moduleTests()),
  ]);
}

/** The module's `.tf` files, by name: built and printed. */
export function generateTerraform(): Map<string, string> {
  return printFiles(buildModule());
}

function printFiles(files: ReadonlyMap<string, ModuleFile>): Map<string, string> {
  return new Map(
    [...files].map(([name, { source, body }]) => [
      name,
      printBody([comment(`Generated from ${source}: change that, then run \`npx projen generate\`.`), blank, ...body]),
    ]),
  );
}
