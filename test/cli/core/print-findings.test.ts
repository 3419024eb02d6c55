import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../cli/core/finding.ts";
import { findingsDocument, hasFailed, printFindings } from "../../../cli/core/print-findings.ts";

const pass: Finding = { check: "a", title: "One thing", outcome: "pass", text: "as it shall be" };
const fail: Finding = { check: "b", title: "Another", outcome: "fail", text: "broken", fix: "mend it" };
const skip: Finding = { check: "c", title: "A third", outcome: "skip", text: "not asked for" };

describe("the table", () => {
  it("has a line for each check, the fix below it, and the sum", () => {
    expect(printFindings([pass, fail, skip])).toBe(
      [
        "pass  One thing  as it shall be",
        "FAIL  Another    broken",
        "        fix      mend it",
        "skip  A third    not asked for",
        "",
        "1 passed, 1 failed, 1 skipped.",
      ].join("\n"),
    );
  });

  it("is never wider than 80 columns and loses no word", () => {
    const word = fc.stringMatching(/^[!-~]{1,120}$/);
    const text = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(" "));
    const finding = fc.record({
      check: fc.constant("x"),
      title: fc.stringMatching(/^[A-Za-z' ]{1,22}$/),
      outcome: fc.constantFrom("pass" as const, "fail" as const, "skip" as const),
      text,
      fix: text,
    });
    fc.assert(
      fc.property(fc.array(finding, { minLength: 1, maxLength: 5 }), (findings) => {
        const table = printFindings(findings);
        for (const line of table.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
        const printed = table.replaceAll(/\s/g, "");
        for (const one of findings) expect(printed).toContain(one.text.replaceAll(/\s/g, ""));
      }),
      { numRuns: 100 },
    );
  });
});

describe("the document", () => {
  it("has a version and every finding as it is", () => {
    expect(findingsDocument("ci", [pass, fail])).toEqual({
      version: 1,
      namePrefix: "ci",
      ok: false,
      findings: [pass, fail],
    });
    expect(findingsDocument("ci", [pass, skip])).toMatchObject({ ok: true });
  });
});

it("takes nothing but a failed check for a failure", () => {
  expect([hasFailed([]), hasFailed([pass, skip]), hasFailed([pass, fail])]).toEqual([false, false, true]);
});
