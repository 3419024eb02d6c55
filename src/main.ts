/**
 * Writes everything that is generated: the awscc bindings, the module that is built with them, what documents compute.
 */
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DOCUMENTED_VERSION } from "../contract/module-source.ts";
import { PROJECT_ROOT } from "./bundle/project-root.ts";
import { insertSection } from "./docs/insert-section.ts";
import { printCosts } from "./docs/print-costs.ts";
import { printCostsLine } from "./docs/print-costs-line.ts";
import { printEvidence } from "./docs/print-evidence.ts";
import { printMonitoringCosts } from "./docs/print-monitoring-costs.ts";
import { printPeers } from "./docs/print-peers.ts";
import { printPermissions } from "./docs/print-permissions.ts";
import { printScanRules } from "./docs/print-scan-rules.ts";
import { printShown, printStatus } from "./docs/print-shown.ts";
import { readReports } from "./docs/read-reports.ts";
import { readSkips } from "./docs/scan-skips.ts";
import { stampVersion } from "./release/stamp-version.ts";
import { generateBindings } from "./schema/generate-bindings.ts";
import { writeFileIfChanged, writeTree } from "./write-tree.ts";

await writeTree(join(PROJECT_ROOT, "src/bindings"), await generateBindings());
// Loaded only now, because it imports the bindings.
const { generateModule } = await import("./generate-module.ts");
const changed = await writeTree(join(PROJECT_ROOT, "module"), await generateModule());
const architecture = join(PROJECT_ROOT, "docs/ARCHITECTURE.md");
await writeFileIfChanged(architecture, insertSection(await readFile(architecture, "utf8"), "COSTS", printCosts()));
const usage = join(PROJECT_ROOT, "docs/USAGE.md");
const withPermissions = insertSection(await readFile(usage, "utf8"), "PERMISSIONS", printPermissions());
await writeFileIfChanged(usage, insertSection(withPermissions, "MONITORING_COSTS", printMonitoringCosts()));
const readme = join(PROJECT_ROOT, "README.md");
const withCosts = insertSection(await readFile(readme, "utf8"), "COSTS", printCostsLine());
await writeFileIfChanged(readme, insertSection(withCosts, "PEERS", printPeers()));
for (const path of globSync(["*.md", "docs/*.md"], { cwd: PROJECT_ROOT })) {
  const document = join(PROJECT_ROOT, path);
  await writeFileIfChanged(document, stampVersion(await readFile(document, "utf8"), DOCUMENTED_VERSION));
}
const shown = JSON.parse(await readFile(join(PROJECT_ROOT, "conformance/conformance.json"), "utf8"));
const reports = await readReports();
const withStatus = insertSection(await readFile(readme, "utf8"), "STATUS", printStatus(reports));
await writeFileIfChanged(readme, insertSection(withStatus, "SHOWN", printShown(shown, reports)));
await writeFileIfChanged(join(PROJECT_ROOT, "docs/EVIDENCE.md"), printEvidence(reports));
const security = join(PROJECT_ROOT, "docs/SECURITY.md");
const scanned = ["module/*.tf", "examples/*/*.tf"].flatMap((files) =>
  globSync(files, { cwd: PROJECT_ROOT }).toSorted(),
);
const skips = await Promise.all(
  scanned.map(async (file) => readSkips(await readFile(join(PROJECT_ROOT, file), "utf8"))),
);
const record = JSON.parse(await readFile(join(PROJECT_ROOT, "src/docs/checkov.json"), "utf8"));
await writeFileIfChanged(
  security,
  insertSection(await readFile(security, "utf8"), "SCAN_RULES", printScanRules(skips.flat(), record)),
);
process.stdout.write(changed.length === 0 ? "module/ is up to date\n" : `module/: ${changed.join(", ")}\n`);
