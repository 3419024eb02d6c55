/** Prints `N passed, N failed` over all of vitest's JSON reports named, as the last line of a CI run. */
import { readFileSync } from "node:fs";

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  success: boolean;
}

function read(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error: unknown) {
    console.error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 0, success: false };
  }
}

const reports = process.argv.slice(2).map(read);
const sum = (count: (report: Report) => number) => reports.reduce((total, report) => total + count(report), 0);
console.log(`${sum((report) => report.numPassedTests)} passed, ${sum((report) => report.numFailedTests)} failed`);
const sound = reports.length > 0 && reports.every((report) => report.success && report.numPassedTests > 0);
process.exitCode = sound ? 0 : 1;
