import type { BundledPackage } from "./bundled-packages.ts";

const RULE = "-".repeat(80);

/**
 * The licences of the bundled packages, which ask to be passed on with their code; a text that several have stands
 * once.
 */
export function printNotices(packages: readonly BundledPackage[]): string {
  const notices = [...Map.groupBy(packages, ({ licenceText }) => licenceText)].map(([text, those]) => {
    const names = those.map(
      ({ name, version, licence, bundles }) => `${name} ${version} (${licence}), in ${bundles.join(", ")}`,
    );
    return `${RULE}\n${names.join("\n")}\n\n${text}\n`;
  });
  const first = "The functions, the supervisor and the commands hold code of these packages, under these licences.\n";
  return [first, ...notices].join("\n");
}
