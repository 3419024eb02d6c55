import type { Finding } from "./finding.ts";
import { printRows, type Row } from "./print-rows.ts";

const WORDS = { pass: "pass", fail: "FAIL", skip: "skip" } as const;

/** The findings as a table, each with its fix below it, and the sum of them. */
export function printFindings(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ outcome, title, text, fix }): Row[] => [
    [WORDS[outcome], title, text],
    ...(fix === undefined ? [] : [["", outcome === "fail" ? "  fix" : "  to see it", fix]]),
  ]);
  const count = (outcome: Finding["outcome"]) => findings.filter((finding) => finding.outcome === outcome).length;
  return `${printRows(rows)}\n\n${count("pass")} passed, ${count("fail")} failed, ${count("skip")} skipped.`;
}

/** The findings as a document for programs: fields may be added to it, never renamed. */
export function findingsDocument(prefix: string, findings: readonly Finding[]): object {
  return { version: 1, namePrefix: prefix, ok: !hasFailed(findings), findings };
}

/** Whether a person has something to mend. */
export function hasFailed(findings: readonly Finding[]): boolean {
  return findings.some(({ outcome }) => outcome === "fail");
}
