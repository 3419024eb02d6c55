import type { BundledPackage } from "./bundled-packages.ts";

const RULE = "-".repeat(80);

/** The licences of the bundled packages, which ask to be passed on with their code. */
export function printNotices(packages: readonly BundledPackage[]): string {
  const notices = packages.map(
    ({ name, version, licence, bundles, licenceText }) =>
      `${RULE}\n${name} ${version} (${licence}), in ${bundles.join(", ")}\n\n${licenceText}\n`,
  );
  return ["The functions and the supervisor hold code of these packages, under these licences.\n", ...notices].join(
    "\n",
  );
}
