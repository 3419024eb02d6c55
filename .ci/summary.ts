/** Prints `N passed, N failed` from vitest's JSON report, as the last line of a CI run. */
import { readFileSync } from "node:fs";

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  success: boolean;
}

const report: Report = JSON.parse(readFileSync(process.argv[2] ?? "dist/tests.json", "utf8"));
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
process.exitCode = report.success && report.numPassedTests > 0 ? 0 : 1;
